"""The hash chain over the trail: what a seal covers, and the proof that nothing was changed, removed or put in."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC

from personnel_portal.trail.models import ChainHead, Entry

GENESIS = "0" * 64


def entry_hash(entry: Entry) -> str:
    """Return the SHA-256 of an entry's canonical JSON, its place in the chain and the hash before it included."""
    content = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "acting_for_name": entry.acting_for_name,
        "address": entry.address,
        "act": entry.act,
        "target_type": entry.target_type_id,
        "target_id": entry.target_id,
        "target_label": entry.target_label,
        "office_id": entry.office_id,
        "detail": entry.detail,
        "position": entry.position,
        "previous": entry.previous_hash,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify() -> list[str]:
    """Return the faults of the chain as sentences; an empty list proves every sealed entry that is still kept."""
    while True:
        head = _head()
        problems = list(_problems(head))
        # `expire` may have moved the anchor while the rows were read: then what was seen is no proof of anything.
        if _head().anchor_position == head.anchor_position:
            return problems


def _problems(head: ChainHead) -> Iterator[str]:
    position, previous = head.anchor_position, head.anchor_hash
    for entry in Entry.objects.sealed().iterator(chunk_size=2000):
        if entry.position is None:
            continue
        if entry.position != position + 1:
            yield _missing(position + 1, entry.position - 1)
        elif entry.previous_hash != previous:
            yield f"第 {entry.position} 筆與前一筆銜接不上。"
        if entry_hash(entry) != entry.hash:
            yield f"第 {entry.position} 筆的內容與封存時不符。"
        position, previous = entry.position, entry.hash
        if position == head.position and previous != head.hash:
            yield f"第 {position} 筆與封存時登記的最後一筆不符。"
    yield from _tail_problems(position, head)


def _tail_problems(position: int, head: ChainHead) -> Iterator[str]:
    """Compare the last row with the head as it was before and as it is now: sealing goes on while rows are read."""
    if position < head.position:
        yield _missing(position + 1, head.position)
    if position > (now := _head()).position:
        yield f"第 {now.position + 1} 筆至第 {position} 筆不是封存程序寫入的。"


def _missing(first: int, last: int) -> str:
    return f"第 {first} 筆不見了。" if first == last else f"第 {first} 筆至第 {last} 筆不見了。"


def _head() -> ChainHead:
    return ChainHead.objects.filter(pk=1).first() or ChainHead(pk=1, hash=GENESIS, anchor_hash=GENESIS)
