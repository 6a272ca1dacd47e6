"""One method for both clients: written once as steps, called blocking or awaited."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from videocraft.client.drivers import Driver
from videocraft.client.exchange import Exchange
from videocraft.client.wire import Steps


class Blocking:
    """Marks resources whose methods return their outcome."""


class Awaitable:
    """Marks resources whose methods return a coroutine."""


Mode = TypeVar("Mode", Blocking, Awaitable)
P = ParamSpec("P")
T = TypeVar("T")


class Resource(Generic[Mode]):
    """A group of operations over one exchange, run by one driver."""

    def __init__(self, exchange: Exchange, driver: Driver) -> None:
        self._exchange = exchange
        self._driver = driver


class operation(Generic[P, T]):  # noqa: N801 - a decorator, used like property
    """Turns a method that returns ``Steps[T]`` into one that returns ``T``, or a coroutine of it."""

    def __init__(self, method: Callable[Concatenate[Any, P], Steps[T]]) -> None:
        self._method = method
        functools.update_wrapper(self, method)  # type: ignore[arg-type]  # it is called through __get__

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> operation[P, T]: ...
    @overload
    def __get__(self, instance: Resource[Blocking], owner: type[Any]) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, instance: Resource[Awaitable], owner: type[Any]
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Resource[Any] | None, owner: type[Any]) -> Any:
        if instance is None:
            return self

        def call(*args: P.args, **kwargs: P.kwargs) -> Any:
            return instance._driver.run(self._method(instance, *args, **kwargs))

        functools.update_wrapper(call, self._method)
        # So that help() and inspect.signature() leave out self.
        call.__wrapped__ = functools.partial(self._method, instance)  # type: ignore[attr-defined]  # ^
        return call
