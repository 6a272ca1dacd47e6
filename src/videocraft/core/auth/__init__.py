"""Who may do what: API keys and the dependency that asks for one."""

from videocraft.core.auth.dependency import ANONYMOUS, Caller, RequireKey, require_key
from videocraft.core.auth.keys import KeyInfo, KeyRing

__all__ = ["ANONYMOUS", "Caller", "KeyInfo", "KeyRing", "RequireKey", "require_key"]
