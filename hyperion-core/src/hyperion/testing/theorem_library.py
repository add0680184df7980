"""What every theorem library must do."""

from __future__ import annotations

from dataclasses import replace

from hyperion.costing import cost_of
from hyperion.evidence import Policy, judge
from hyperion.interfaces.theorem_library import StoredTheorem, TheoremLibrary
from hyperion.ir.parser import parse_program
from hyperion.library.keys import key_of, theorem_digest
from hyperion.logic import kernel
from hyperion.logic.denote import denote

SUM = """
func @total(%xs: i64[n]) -> i64 {
  %zero = const 0 : i64
  %sum = fold (%xs), (%zero) {
    ^(%x: i64, %s: i64):
      %t = add.wrap %s, %x : i64
      yield %t
  }
  return %sum
}
"""
RENAMED = """
func @all(%values: i64[size]) -> i64 {
  %nought = const 0 : i64
  %x = fold (%values), (%nought) {
    ^(%value: i64, %so_far: i64):
      %more = add.wrap %so_far, %value : i64
      yield %more
  }
  return %x
}
"""
OTHERS = (
    SUM.replace("i64[n]", "i64[7]"),
    SUM.replace("add.wrap", "add.sat"),
    SUM.replace("i64", "i32"),
    SUM.replace("const 0", "const 1"),
)


def theorem(text: str = SUM, searched: str = "") -> StoredTheorem:
    """That a function equals itself: a small theorem about a program, with a proof."""
    program = parse_program(text)
    proof = kernel.refl(denote(program.main, program))
    digest = theorem_digest(key_of(program), program)
    return StoredTheorem(digest, program, program, proof, "reflexivity", "f = f", cost_of(program), False, searched)


class TheoremLibraryConformance:
    """Subclass with `make`, which opens a library that is empty; `again` opens what was put there once more, where the
    library outlives the object."""

    def make(self) -> TheoremLibrary:
        raise NotImplementedError

    def again(self) -> TheoremLibrary | None:
        return None

    def test_it_follows_the_interface(self) -> None:
        assert isinstance(self.make(), TheoremLibrary)

    def test_it_is_empty_at_first(self) -> None:
        library = self.make()
        assert (list(library), len(library)) == ([], 0)
        assert theorem().digest not in library
        assert list(library.find(parse_program(SUM))) == []

    def test_what_is_added_is_there(self) -> None:
        library, known = self.make(), theorem(searched="by hand")
        library.add(known)
        library.add(known)
        assert len(library) == 1
        assert known.digest in library
        (found,) = library
        assert (found.digest, str(found), found.strategy, found.searched) == (
            known.digest, str(known), "reflexivity", "by hand",
        )  # fmt: skip

    def test_it_iterates_in_the_order_of_digests(self) -> None:
        library = self.make()
        for text in (SUM, *OTHERS):
            library.add(theorem(text))
        digests = [found.digest for found in library]
        assert digests == sorted(digests)
        assert len(set(digests)) == 1 + len(OTHERS)

    def test_the_same_meaning_is_found_under_other_names(self) -> None:
        library = self.make()
        library.add(theorem())
        for text in (SUM, RENAMED):
            program = parse_program(text)
            found = next(iter(library.find(program)))
            assert found.how == "exact"
            assert found.chosen.entry == program.entry
            assert found.chosen.main.parameters == program.main.parameters
            assert judge(program, found.chosen, found.proof, Policy()).checked

    def test_what_it_finds_for_other_meanings_is_true_of_them(self) -> None:
        library = self.make()
        library.add(theorem())
        for text in OTHERS:
            program = parse_program(text)
            for found in library.find(program):
                assert found.how != "exact"
                assert judge(program, found.chosen, found.proof, Policy()).checked

    def test_what_is_dropped_is_gone(self) -> None:
        library, known = self.make(), theorem()
        library.add(known)
        library.drop(known, "a test")
        library.drop(known, "once more")
        assert (len(library), list(library.find(known.source))) == (0, [])

    def test_a_theorem_is_replaced_by_one_with_the_same_statement(self) -> None:
        library, known = self.make(), theorem()
        library.add(known)
        library.add(replace(known, summary="another"))
        assert [found.summary for found in library] == ["another"]

    def test_it_outlives_the_object_where_it_says_so(self) -> None:
        library, known = self.make(), theorem()
        library.add(known)
        library.close()
        later = self.again()
        assert later is None or [found.digest for found in later] == [known.digest]
