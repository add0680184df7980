"""Bytes of text: words, lines, quotes, comments, encodings."""

from __future__ import annotations

from typing import Any  # loops take every type

from catalogue import Domain, Given, Letters, Whole

HERE = Domain("text")
PROSE = Letters(b"abc  \n.")
BRACKETS = Letters(b"(())a")


@HERE.loop(PROSE)
def count_lines(data: Any) -> Any:
    lines = 0
    for c in data:
        if c == 10:
            lines += 1
    return lines


@HERE.loop(PROSE)
def count_words(data: Any) -> Any:
    words = 0
    inside = False
    for c in data:
        if c == 32 or c == 10:
            inside = False
        elif not inside:
            inside = True
            words += 1
    return words


@HERE.loop(PROSE)
def words_by_predecessor(data: Any) -> Any:
    """The same count, by looking at the byte before."""
    words = 0
    before = 32
    for c in data:
        if c != 32 and before == 32:
            words = words + 1
        before = c
    return words


@HERE.loop(PROSE)
def longest_line(data: Any) -> Any:
    here = 0
    longest = 0
    for c in data:
        here = 0 if c == 10 else here + 1
        longest = max(longest, here)
    return longest


@HERE.loop(PROSE)
def lines_words_bytes(data: Any) -> Any:
    lines, words, size = 0, 0, 0
    gap = 1
    for c in data:
        size += 1
        if c == 10:
            lines += 1
        blank = 1 if c == 32 or c == 10 else 0
        if gap == 1 and blank == 0:
            words += 1
        gap = blank
    return lines, words, size


@HERE.loop(BRACKETS)
def balanced(data: Any) -> Any:
    depth = 0
    low = 0
    for c in data:
        if c == 40:
            depth += 1
        elif c == 41:
            depth -= 1
        low = min(low, depth)
    return depth == 0 and low >= 0


@HERE.loop(BRACKETS)
def balanced_by_flag(data: Any) -> Any:
    """A flag falls for good when the depth does."""
    depth = 0
    ok = True
    for c in data:
        if c == 40:
            depth += 1
        if c == 41:
            depth -= 1
        if depth < 0:
            ok = False
    return ok and depth == 0


@HERE.loop(BRACKETS)
def deepest(data: Any) -> Any:
    depth = 0
    most = 0
    for c in data:
        depth += (c == 40) - (c == 41)
        if depth > most:
            most = depth
    return most


@HERE.loop(Letters(b'a",\n'))
def csv_fields(data: Any) -> Any:
    """Commas and line ends that do not stand in quotes."""
    quoted = False
    fields = 0
    for c in data:
        if c == 34:
            quoted = not quoted
        elif not quoted and (c == 44 or c == 10):
            fields += 1
    return fields


@HERE.loop(Letters(b"/*ax\n"))
def code_outside_comments(data: Any) -> Any:
    """Bytes outside of /* .. */, by a machine of four states."""
    state = 0
    kept = 0
    for c in data:
        if state == 0:
            if c == 47:
                state = 1
            else:
                kept += 1
        elif state == 1:
            if c == 42:
                state = 2
            elif c == 47:
                kept += 1
            else:
                state = 0
                kept += 2
        elif state == 2:
            if c == 42:
                state = 3
        else:
            if c == 47:
                state = 0
            elif c != 42:
                state = 2
    return kept, state


@HERE.loop(Letters(b'\\"ab'))
def escaped_quotes(data: Any) -> Any:
    """Quotes that no backslash escapes."""
    escaped = False
    count = 0
    for c in data:
        if escaped:
            escaped = False
        elif c == 92:
            escaped = True
        elif c == 34:
            count += 1
    return count


@HERE.loop(Letters(b"a\xc3\xa9\xe2\x82\xac\xf0"))
def utf8_is_valid(data: Any) -> Any:
    """How many continuation bytes are due: 0 to 3, and 9 for an error."""
    due = 0
    for c in data:
        if due == 0:
            if c < 128:
                due = 0
            elif c >= 194 and c < 224:
                due = 1
            elif c >= 224 and c < 240:
                due = 2
            elif c >= 240 and c < 245:
                due = 3
            else:
                due = 9
        elif due < 9:
            due = due - 1 if (c & 192) == 128 else 9
    return due == 0


@HERE.loop(Letters(b"a\xc3\xa9"))
def characters(data: Any) -> Any:
    n = 0
    for c in data:
        n += (c & 0xC0) != 0x80
    return n


@HERE.loop(Letters(b"0123456789"), overflow="wrap")
def parse_number(digits: Any) -> Any:
    value = 0
    for d in digits:
        value = value * 10 + (d - 48)
    return value


@HERE.loop(Letters(b"01234 56789"), overflow="wrap")
def sum_of_numbers(data: Any) -> Any:
    """Adds the numbers that blanks separate."""
    total = 0
    number = 0
    for c in data:
        if c == 32:
            total += number
            number = 0
        else:
            number = number * 10 + c - 48
    return total + number


@HERE.loop(PROSE)
def longest_run(data: Any) -> Any:
    """Of one byte."""
    run = 0
    best = 0
    before = -1
    for c in data:
        if c == before:
            run += 1
        else:
            run = 1
            before = c
        if run > best:
            best = run
    return best


@HERE.loop(PROSE, target="sequential")
def majority(data: Any) -> Any:
    """The candidate of Boyer and Moore."""
    candidate = 0
    votes = 0
    for c in data:
        if votes == 0:
            candidate = c
            votes = 1
        elif c == candidate:
            votes += 1
        else:
            votes -= 1
    return candidate


@HERE.loop(PROSE)
def hashed(data: Any) -> Any:
    h = 0
    for c in data:
        h = (h * 257 + c) % 1000000007
    return h


@HERE.loop(PROSE, Letters(b"abc"))
def first_difference(a: Any, b: Any) -> Any:
    for i in range(len(a)):
        if a[i] != b[i]:
            return i
    return -1


@HERE.loop(PROSE, Given((32, 97)))
def last_position(data: Any, wanted: Any) -> Any:
    where = -1
    i = 0
    for c in data:
        if c == wanted:
            where = i
        i += 1
    return where


@HERE.loop(Letters(b"abcxyz"))
def is_sorted(data: Any) -> Any:
    ok = 1
    last = 0
    for c in data:
        if c < last:
            ok = 0
        last = c
    return ok == 1


@HERE.loop(Letters(b"ACGT"))
def hairpins(data: Any) -> Any:
    """How often A is followed by C, and C by G."""
    pairs = 0
    seen_a, seen_c = False, False
    for c in data:
        if (seen_a and c == 67) or (seen_c and c == 71):
            pairs += 1
        seen_a = c == 65
        seen_c = c == 67
    return pairs


@HERE.loop(Whole(0, 255), dtypes="uint8")
def bytes_at_most(data: Any) -> Any:
    top = -1
    for c in data:
        top = c if c > top else top
    return top


@HERE.loop(Letters(b"abcXYZ  \n.,"))
def longest_word_and_its_place(data: Any) -> Any:
    longest = 0
    place = -1
    letters = 0
    for i, c in enumerate(data):
        if (65 <= c <= 90) or (97 <= c <= 122):
            letters += 1
            if letters > longest:
                longest = letters
                place = i - letters + 1
        else:
            letters = 0
    return longest, place


@HERE.loop(Letters(b"0123456789 ,;-"))
def numbers_written(data: Any) -> Any:
    """How many numbers stand in a text: each begins with a digit after none."""
    count = 0
    for i in range(len(data)):
        digit = 48 <= data[i] <= 57
        if digit and (i == 0 or not (48 <= data[i - 1] <= 57)):
            count += 1
    return count
