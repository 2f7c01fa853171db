// Draws the tree of nodes that the kernel sends, and tells the kernel what was typed and pressed.
//
// Nothing typed is ever a synced value. An edit travels as a message with a stamp that only grows; a press carries every
// edit that the kernel has not confirmed, so that it can't overtake them. A secret travels once, in the press that
// needs it, and its field is emptied before the message leaves. All text is set as text, never as markup.

const PART_BYTES = 4 * 1024 * 1024;
// each form loads this file for itself, and ids belong to the whole page
const PAGE_PREFIX = `sm-${Math.random().toString(36).slice(2)}`;
let ids = 0;
let lastStamp = 0;

function newId() {
  return `${PAGE_PREFIX}-${++ids}`;
}

function stamp() {
  lastStamp = Math.max(lastStamp + 0.001, performance.timeOrigin + performance.now());
  return lastStamp;
}

function make(tag, properties = {}, ...children) {
  const { css, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  if (css) node.className = css;
  node.append(...children);
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

// Children by key, so that an input which stays keeps its focus and its cursor.
class Children {
  constructor(panel, place) {
    this.panel = panel;
    this.place = place;
    this.known = new Map();
  }

  draw(nodes) {
    const counts = {};
    const wanted = nodes.map((node) => {
      const counted = (counts[node.kind] = (counts[node.kind] ?? 0) + 1);
      return [`${node.kind} ${node.name ?? counted}`, node];
    });
    const keys = new Set(wanted.map(([key]) => key));
    for (const [key, drawn] of this.known) {
      if (!keys.has(key)) {
        drawn.remove?.();
        drawn.element.remove();
        this.known.delete(key);
      }
    }
    let next = this.place.firstChild;
    for (const [key, node] of wanted) {
      let drawn = this.known.get(key);
      if (!drawn) {
        drawn = KINDS[node.kind](this.panel, node);
        this.known.set(key, drawn);
      }
      if (drawn.element === next) next = next.nextSibling;
      else this.place.insertBefore(drawn.element, next);
      drawn.update(node);
    }
  }

  remove() {
    for (const drawn of this.known.values()) drawn.remove?.();
  }
}

class Panel {
  constructor(model, element) {
    this.model = model;
    this.element = element;
    this.fields = new Map(); // name -> {stamp, value()}: edits that the kernel has not confirmed
    this.secrets = new Map(); // name -> input
    this.files = new Map(); // name -> the file that is being sent
    element.classList.add("sm-form");
    element.setAttribute("data-lm-suppress-shortcuts", "true");
    element.addEventListener("keydown", (event) => event.stopPropagation());
    this.children = new Children(this, element);
  }

  draw(tree) {
    for (const css of [...this.element.classList].filter((name) => name.startsWith("sm-form-"))) {
      if (css !== `sm-form-${tree.name}`) this.element.classList.remove(css);
    }
    this.element.classList.add(`sm-form-${tree.name}`);
    setAttribute(this.element, "aria-busy", tree.busy ? "true" : null);
    setAttribute(this.element, "role", "group");
    setAttribute(this.element, "aria-label", tree.label);
    this.children.draw(tree.children);
    this.markPending();
  }

  edited(name, value) {
    const edit = { stamp: stamp(), value };
    this.fields.set(name, edit);
    this.markPending();
    this.model.send({ event: "edit", name, value, stamp: edit.stamp });
  }

  // True when the kernel has caught up with what stands in the field.
  confirmed(name, seen) {
    const edit = this.fields.get(name);
    if (edit && edit.stamp > seen) return false;
    this.fields.delete(name);
    return true;
  }

  markPending() {
    setAttribute(this.element, "data-pending", this.fields.size > 0 ? "true" : null);
  }

  press(name) {
    const edits = [...this.fields].map(([field, edit]) => ({ name: field, value: edit.value, stamp: edit.stamp }));
    const secrets = {};
    for (const [field, input] of this.secrets) {
      if (input.value) secrets[field] = input.value;
      input.value = "";
    }
    this.model.send({ event: "press", name, edits, secrets });
  }

  sendFile(name, file) {
    const sending = { file, ticket: stamp(), offset: 0 };
    this.files.set(name, sending);
    this.model.send({ event: "file", name, ticket: sending.ticket, file_name: file.name, size: file.size });
  }

  // The kernel asks for each part, so no more than one is ever on its way.
  async sendPart({ name, ticket, offset }) {
    const sending = this.files.get(name);
    if (!sending || sending.ticket !== ticket) return;
    try {
      const part = await sending.file.slice(offset, offset + PART_BYTES).arrayBuffer();
      this.model.send({ event: "part", name, ticket, offset }, undefined, [new DataView(part)]);
    } catch {
      this.model.send({ event: "unreadable", name, ticket });
    }
  }

  receive(message, buffers) {
    if (message.event === "next_part") this.sendPart(message);
    if (message.event === "download") this.download(message, buffers[0]);
    if (message.event === "focus") this.focus(message.name);
  }

  download({ file_name, type }, content) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = make("a", { href: url, download: file_name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  focus(name) {
    this.element.querySelector(`[data-name="${CSS.escape(name)}"]`)?.focus();
  }
}

// A label, a control, a hint and an error, tied together for screen readers.
function framed(node, control, css = "") {
  const id = newId();
  control.id = id;
  control.dataset.name = node.name;
  const label = make("label", { htmlFor: id });
  const hint = make("div", { id: `${id}-hint`, css: "sm-hint" });
  const error = make("div", { id: `${id}-error`, css: "sm-field-error" });
  error.setAttribute("aria-live", "polite");
  const element = make("div", { css: `sm-field ${css}` }, label, control, hint, error);
  const update = (now) => {
    setText(label, now.label);
    setText(hint, now.hint ?? "");
    setText(error, now.error ?? "");
    hint.hidden = !now.hint;
    setAttribute(control, "aria-invalid", now.error ? "true" : null);
    setAttribute(control, "aria-required", now.required ? "true" : null);
    const described = [now.hint && hint.id, now.error && error.id].filter(Boolean).join(" ");
    setAttribute(control, "aria-describedby", described || null);
    control.disabled = Boolean(now.disabled);
  };
  return { element, update, label };
}

function submitOnEnter(panel, control) {
  control.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const wanted = control.closest("[data-submit]")?.dataset.submit;
    if (wanted) panel.element.querySelector(`button[data-name="${CSS.escape(wanted)}"]`)?.click();
  });
}

function text(panel, node) {
  const control = make(node.lines > 1 ? "textarea" : "input", { autocomplete: "off", spellcheck: false });
  if (node.lines > 1) control.rows = node.lines;
  else control.type = node.input_type;
  const frame = framed(node, control);
  let options = null;
  if (node.suggestions) {
    options = make("datalist", { id: `${control.id}-list` });
    control.setAttribute("list", options.id);
    frame.element.append(options);
  }
  control.addEventListener("input", () => panel.edited(node.name, control.value));
  if (!(node.lines > 1)) submitOnEnter(panel, control);
  let drawn = "";
  const update = (now) => {
    frame.update(now);
    control.placeholder = now.placeholder ?? "";
    const listed = JSON.stringify(now.suggestions ?? []);
    if (options && listed !== drawn) {
      drawn = listed;
      options.replaceChildren(...now.suggestions.map(([value, label]) => make("option", { value, label })));
    }
    if (!panel.confirmed(node.name, now.seen) || control.value === now.value) return;
    if (!now.private || !now.is_filled) control.value = now.value;
  };
  return { element: frame.element, update, remove: () => panel.fields.delete(node.name) };
}

function choice(panel, node) {
  const control = make("select");
  const frame = framed(node, control);
  control.addEventListener("change", () => panel.edited(node.name, control.value));
  let drawn = "";
  const update = (now) => {
    frame.update(now);
    const listed = JSON.stringify(now.options);
    if (listed !== drawn) {
      const chosen = control.value;
      control.replaceChildren(...now.options.map(([value, label]) => make("option", { value, textContent: label })));
      if (drawn) control.value = chosen;
      drawn = listed;
    }
    if (panel.confirmed(node.name, now.seen)) control.value = now.value;
  };
  return { element: frame.element, update, remove: () => panel.fields.delete(node.name) };
}

function tick(panel, node) {
  const control = make("input", { type: "checkbox" });
  const frame = framed(node, control, "sm-tick");
  control.addEventListener("change", () => panel.edited(node.name, control.checked));
  submitOnEnter(panel, control);
  const update = (now) => {
    frame.update(now);
    if (panel.confirmed(node.name, now.seen)) control.checked = now.value;
  };
  return { element: frame.element, update, remove: () => panel.fields.delete(node.name) };
}

function secret(panel, node) {
  const control = make("input", { type: "password", autocomplete: "off", spellcheck: false });
  const frame = framed(node, control);
  panel.secrets.set(node.name, control);
  submitOnEnter(panel, control);
  // the kernel learns that something stands here, not what
  let filled = false;
  control.addEventListener("input", () => {
    if (filled !== (control.value !== "")) {
      filled = !filled;
      panel.edited(node.name, filled);
    }
  });
  const update = (now) => {
    frame.update(now);
    if (!panel.confirmed(node.name, now.seen)) return;
    filled = now.value;
    if (!filled) control.value = "";
  };
  return {
    element: frame.element,
    update,
    remove: () => {
      panel.secrets.delete(node.name);
      panel.fields.delete(node.name);
      control.value = "";
    },
  };
}

function file(panel, node) {
  const control = make("input", { type: "file" });
  const frame = framed(node, control, "sm-file");
  const take = (files) => {
    if (files.length > 0 && !control.disabled) panel.sendFile(node.name, files[0]);
  };
  control.addEventListener("change", () => {
    take(control.files);
  });
  frame.element.addEventListener("dragover", (event) => {
    event.preventDefault();
    event.stopPropagation();
    frame.element.classList.add("sm-over");
  });
  frame.element.addEventListener("dragleave", () => frame.element.classList.remove("sm-over"));
  frame.element.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation(); // JupyterLab would copy the file into its folder
    frame.element.classList.remove("sm-over");
    take(event.dataTransfer.files);
  });
  const update = (now) => {
    frame.update(now);
    control.accept = now.accept;
  };
  return { element: frame.element, update, remove: () => panel.files.delete(node.name) };
}

function button(panel, node) {
  const element = make("button", { type: "button" });
  element.dataset.name = node.name;
  // aria-disabled in place of disabled: the button keeps its place in the tab order, and its focus
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") panel.press(node.name);
  });
  const update = (now) => {
    setText(element, now.label);
    element.className = `sm-button sm-${now.tone}`;
    setAttribute(element, "aria-disabled", now.disabled ? "true" : "false");
    setAttribute(element, "aria-label", now.spoken || null);
  };
  return { element, update };
}

function notice(panel, node) {
  const element = make("div", { css: "sm-notice" });
  const update = (now) => {
    element.className = `sm-notice sm-tone-${now.tone}`;
    setAttribute(element, "role", now.tone === "error" ? "alert" : "status");
    setText(element, now.text);
  };
  return { element, update };
}

function words(panel, node) {
  const element = make("p", { css: "sm-words" });
  return { element, update: (now) => setText(element, now.text) };
}

function badge(panel, node) {
  const element = make("span");
  const update = (now) => {
    element.className = `sm-badge sm-badge-${now.tone}`;
    setText(element, now.text);
  };
  return { element, update };
}

function table(panel, node) {
  const caption = make("caption");
  const head = make("tr");
  const body = make("tbody");
  const element = make(
    "div",
    { css: "sm-scroll", tabIndex: 0 },
    make("table", {}, caption, make("thead", {}, head), body),
  );
  setAttribute(element, "role", "region");
  const rows = [];
  let columns = "";
  const fill = (cell, content) => {
    if (content !== null && typeof content === "object") {
      cell.nodes ??= (cell.td.replaceChildren(), new Children(panel, cell.td));
      cell.nodes.draw([content]);
    } else {
      if (cell.nodes) {
        cell.nodes.remove();
        cell.nodes = undefined;
        cell.td.replaceChildren();
      }
      setText(cell.td, String(content ?? ""));
      const length = cell.td.textContent.length;
      cell.td.className = length > 24 ? "sm-long" : length > 7 ? "sm-medium" : "";
    }
  };
  const update = (now) => {
    setText(caption, now.caption);
    setAttribute(element, "aria-label", now.caption);
    const names = JSON.stringify(now.columns);
    if (names !== columns) {
      columns = names;
      head.replaceChildren(...now.columns.map((name) => make("th", { scope: "col", textContent: name })));
    }
    while (rows.length > now.rows.length) {
      const row = rows.pop();
      row.cells.forEach((cell) => cell.nodes?.remove());
      row.tr.remove();
    }
    now.rows.forEach((content, number) => {
      const row = (rows[number] ??= { tr: body.appendChild(make("tr")), cells: [] });
      content.forEach((value, place) => {
        const cell = (row.cells[place] ??= { td: row.tr.appendChild(make("td")) });
        fill(cell, value);
      });
    });
  };
  return { element, update, remove: () => rows.forEach((row) => row.cells.forEach((cell) => cell.nodes?.remove())) };
}

function progress(panel, node) {
  const id = newId();
  const label = make("label", { htmlFor: id });
  const bar = make("progress", { id });
  const said = make("span", { css: "sm-said" });
  said.setAttribute("role", "status");
  const element = make("div", { css: "sm-progress" }, label, bar, said);
  const update = (now) => {
    setText(label, now.label);
    bar.max = Math.max(now.total, 1);
    bar.value = now.done;
    setText(said, now.said);
  };
  return { element, update };
}

function code(panel, node) {
  const shown = make("code");
  const copy = make("button", { type: "button", css: "sm-button sm-plain sm-copy", textContent: "Copy" });
  const said = make("span", { css: "sm-said" });
  said.setAttribute("role", "status");
  const block = make("pre", { tabIndex: 0 }, shown);
  setAttribute(block, "role", "region");
  const title = make("span", { css: "sm-code-title" });
  const element = make("div", { css: "sm-code" }, make("div", { css: "sm-row" }, title, copy, said), block);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(shown.textContent);
      setText(said, "Copied.");
    } catch {
      // the clipboard is closed to pages without https: leave the text selected instead
      getSelection().selectAllChildren(shown);
      setText(said, "Selected: press Ctrl+C.");
    }
  });
  const update = (now) => {
    setText(title, now.label);
    setAttribute(copy, "aria-label", `Copy: ${now.label}`);
    setAttribute(block, "aria-label", now.label);
    if (shown.textContent !== now.text) {
      setText(shown, now.text);
      setText(said, "");
    }
  };
  return { element, update };
}

function group(panel, node) {
  const id = newId();
  const title = make("h4", { id });
  const place = make("div");
  const element = make("section", { css: "sm-group" }, title, place);
  const children = new Children(panel, place);
  const update = (now) => {
    setText(title, now.title);
    title.hidden = !now.title;
    setAttribute(element, "aria-labelledby", now.title ? id : null);
    setAttribute(element, "data-submit", now.submits || null);
    place.className = now.row ? "sm-row" : "sm-column";
    children.draw(now.children);
  };
  return { element, update, remove: () => children.remove() };
}

function fold(panel, node) {
  const summary = make("summary");
  const place = make("div", { css: "sm-column" });
  const element = make("details", { css: "sm-fold", open: Boolean(node.open) }, summary, place);
  const children = new Children(panel, place);
  const update = (now) => {
    setText(summary, now.title);
    children.draw(now.children);
  };
  return { element, update, remove: () => children.remove() };
}

const KINDS = {
  badge, button, choice, code, file, fold, group, notice, progress, secret, table, text, tick, words,
};

function render({ model, el }) {
  const panel = new Panel(model, el);
  const draw = () => panel.draw(model.get("tree"));
  const receive = (message, buffers) => panel.receive(message, buffers);
  model.on("change:tree", draw);
  model.on("msg:custom", receive);
  draw();
  return () => {
    model.off("change:tree", draw);
    model.off("msg:custom", receive);
  };
}

export default { render };
