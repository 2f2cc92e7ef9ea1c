"""A paper as JSON carries it, so that a report can be kept as it was described and rendered later, the same for ever."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from personnel_portal.documents.paper import Block, Column, Fields, Item, Paper

_BLOCKS: Mapping[str, Any] = {block.kind: block for block in get_args(Block)}


def packed(paper: Paper) -> dict[str, Any]:
    """Return the paper as values that JSON carries; each block says of which kind it is."""
    return {
        **asdict(paper),
        "blocks": [{"kind": block.kind, **asdict(block)} for block in paper.blocks],
    }


def unpacked(kept: Mapping[str, Any]) -> Paper:
    """Return the paper that was packed.

    Raises:
        KeyError: a block is of a kind that no paper has.
    """
    filing = kept["filing"] and Fields(**_values(kept["filing"]))
    return Paper(**{**kept, "filing": filing, "blocks": tuple(map(_block, kept["blocks"]))})


def _block(kept: Mapping[str, Any]) -> Block:
    block: Block = _BLOCKS[kept["kind"]](**_values({name: value for name, value in kept.items() if name != "kind"}))
    return block


def _values(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a block; JSON knows lists only, where blocks have tuples."""
    return {name: _REVIVED.get(name, _same)(value) for name, value in kept.items()}


def _same(value: Any) -> Any:
    return value


def _items(kept: list[Mapping[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(item["text"], _items(item["items"])) for item in kept)


_REVIVED: Mapping[str, Any] = {
    "items": _items,
    "rows": lambda kept: tuple(map(tuple, kept)),
    "columns": lambda kept: tuple(Column(**column) for column in kept),
}
