"""Who may what in the bridge: people by their roles, keys of our own systems by scope."""

from chassis.caller import any_of, requires, requires_role

_READERS = ("administrator", "chief_accountant", "finance", "director", "operator")

reads = any_of(requires_role(*_READERS), requires("erp:read"))
manages = any_of(requires_role("administrator", "chief_accountant"), requires("erp:write"))
replays = any_of(requires_role("administrator", "chief_accountant", "operator"), requires("erp:write"))
sees_books = any_of(requires_role(*_READERS[:-1]), requires("ledger:read"))
books = any_of(requires_role("administrator", "chief_accountant", "finance"), requires("ledger:write"))
