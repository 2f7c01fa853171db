"""What the API does, without HTTP: a state and a body in, an answer out."""

from smnotebook.sandbox.operations.endpoints import Endpoint, respond
from smnotebook.sandbox.operations.routes import ENDPOINTS
from smnotebook.sandbox.operations.state import State

__all__ = ["ENDPOINTS", "Endpoint", "State", "respond"]
