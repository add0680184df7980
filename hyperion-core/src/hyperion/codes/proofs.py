"""HY7xxx: theorems, proofs and axioms."""

from __future__ import annotations

from hyperion.diagnostics.code import Code

CODES = {
    "HY7001": Code(
        "The independent checker refuses the proof.",
        cause="A step does not follow from its premises, or the file is no proof; the message names the step.",
        remedy="Write the proof again with this version of Hyperion. A proof that was derived and is refused is a "
        "defect: please report it.",
        example="""
            from hyperion.logic.checking import check

            check({"steps": "none"})
        """,
    ),
    "HY7002": Code(
        "Checking a proof took longer than its time limit.",
        cause="The proof is large, or made to be slow.",
        remedy="Check with a longer `time_limit`, or derive a smaller proof.",
        example="check(theorem, time_limit=0.001)",
        runs=False,
    ),
    "HY7003": Code(
        "The checker process cannot be started, or ended without an answer.",
        cause="The checker is a process of its own; the system refuses new processes, or killed this one, perhaps for "
        "want of memory.",
        remedy="Look at the limits of processes and memory; the notes say how it is started.",
        example="hp.jit(total).explain(xs)  # where no process can be started",
        runs=False,
    ),
    "HY7004": Code(
        "A theorem object claims something else than what its own proof shows.",
        cause="Something tampered with it: the checker derives the statement again and compares.",
        remedy="Derive the theorem again; report the plugin that made it.",
        example="check(theorem)  # of an object that says more than its proof",
        runs=False,
    ),
    "HY7005": Code(
        "A proof rests on axioms that a distribution brings, and nobody switched them on.",
        cause="Axioms beyond the core's are what somebody else asserts. They count only where the user says so.",
        remedy="Look at the axioms and their records with `hyperion theorems audit`; where you believe them, name the "
        "distribution in the configuration: `hp.Instance(config={'theories': ['NAME']})`.",
        example="""
            from hyperion.logic.checking import check
            from hyperion.logic.proof import ProofFile

            step = b'["axiom","acme:law","{}"]'.replace(b"{}", b"0" * 64)
            check(ProofFile(b'["hyperion-proof",2]\\n' + step + b'\\n["end",0,0,1]\\n'))
        """,
    ),
    "HY7006": Code(
        "The axioms that a distribution brings are not taken.",
        cause="The text cannot be read, or it names something that is not the distribution's own, such as a constant "
        "or an axiom of the core. All its names begin with its own name and a colon.",
        remedy="Correct the `axiom_text` of the theory; the message says where.",
        example="""
            from hyperion.logic.theory import admit

            admit("acme", "(axiom int.add.zero () () (= 0 1))")
        """,
    ),
    "HY7010": Code(
        "The function, or one of its operations or types, has no denotation, so nothing can be proved about it.",
        cause="A theorem speaks about what a function denotes; for this operation or type, that is not defined. The "
        "function still runs as written.",
        remedy="Use other operations in the part that is to be derived.",
        example="""
            from hyperion.ir.parser import parse_program
            from hyperion.logic.denote import denote

            text = "func @f(%x: i64) -> i64 { %y = call @g(%x) : i64 return %y } func @g(%x: i64) -> i64 { return %x }"
            denote(parse_program(text).main)  # without the program, g is unknown
        """,
    ),
    "HY7011": Code(
        "A region of a parallel operation holds an operation that may trap.",
        cause="Parallel operations run their regions in another order than the loop, so a trap would be another one.",
        remedy="Keep to operations that cannot trap, such as `add.wrap` and `select`.",
        example='''
            from hyperion.ir.parser import parse_program
            from hyperion.logic.denote import denote

            program = parse_program("""
            func @f(%xs: i64[n], %s: i64) -> i64 {
              %t = par.reduce (%xs), (%s) {lanes = 8, piece = 64} {
                ^(%x: i64):
                  %y = add.trap %x, %x : i64
                  yield %y
              } {
                ^(%a: i64, %b: i64):
                  yield %a
              } {
                ^(%c: i64, %d: i64):
                  yield %d
              }
              return %t
            }
            """)
            denote(program.main, program)
        ''',
    ),
    "HY7012": Code(
        "A function mixes IEEE float operations with regrouped ones.",
        cause='`fp="reassoc"` is a meaning over the reals, in which an IEEE step has none: together they would prove 1 '
        "= 0.",
        remedy='Grant `fp="reassoc"` for the whole function, or for none of it.',
        example='''
            from hyperion.ir.parser import parse_program
            from hyperion.logic.denote import denote

            program = parse_program("""
            func @f(%x: f64) -> f64 {
              %y = add %x, %x {fp = "reassoc"} : f64
              %z = mul %y, %x : f64
              return %z
            }
            """)
            denote(program.main, program)
        ''',
    ),
    "HY7013": Code(
        "A function over the reals holds a NaN or a negative zero.",
        cause='`fp="reassoc"` computes over the reals, which have neither.',
        remedy='Leave `fp` at "ieee", or start with another value.',
        example='''
            from hyperion.ir.parser import parse_program
            from hyperion.logic.denote import denote

            program = parse_program("""
            func @f(%x: f64) -> f64 {
              %nan = const nan : f64
              %y = add %x, %nan {fp = "reassoc"} : f64
              return %y
            }
            """)
            denote(program.main, program)
        ''',
    ),
    "HY7020": Code(
        "The program holds a parallel operation, and the checker has accepted no theorem that says it equals the "
        "source.",
        cause="No theorem, no parallelism: a parallel form that computes something else must not run.",
        remedy="Compile the sequential loop; Hyperion derives the parallel form together with its theorem.",
        example='''
            import hyperion as hp

            text = """
            func @f(%n: i64, %s: i64) -> i64 {
              %zero = const 0 : i64
              %one = const 1 : i64
              %t = par.power %zero, %n, %one, (%s) {
                %l = const 2 : i64
                yield %l
              } {
                ^(%a: i64, %b: i64):
                  %c = mul.wrap %a, %b : i64
                  yield %c
              } {
                ^(%d: i64, %e: i64):
                  %g = mul.wrap %d, %e : i64
                  yield %g
              }
              return %t
            }
            """
            with hp.Instance() as instance:
                instance.compile(text, frontend="ir")
        ''',
    ),
    "HY7021": Code(
        "A loop of the demonstration needs its derived form to end in reasonable time, and none was derived.",
        cause="The plugin with the strategies is not active, or policy refuses their theorems.",
        remedy="`hyperion plugins` says why `proofs` is not active.",
        example="$ HYPERION_DISABLE_PLUGINS=proofs hyperion demo",
        runs=False,
    ),
    "HY7022": Code(
        "An axiom uses a constant that its validation with z3 does not know yet.",
        cause="Every axiom has a validation record; z3 needs to be told what each constant means.",
        remedy="Add the meaning of the constant to the validation.",
        example="validate(axiom)  # of an axiom about a new constant, in hyperion_z3.validation",
        runs=False,
    ),
    "HY7023": Code(
        "An axiom is false.",
        cause="z3 found values that break it; they are in the notes.",
        remedy="Correct the axiom, or add the condition under which it holds.",
        example="validate(axiom)  # that says x + 1 = x, in hyperion_z3.validation",
        runs=False,
    ),
    "HY7024": Code(
        "z3 cannot decide an axiom.",
        cause="The statement is beyond what z3 decides in its time.",
        remedy="State it in smaller steps.",
        example="validate(axiom)  # with quantifiers over products, in hyperion_z3.validation",
        runs=False,
    ),
    "HY7025": Code(
        "z3 refutes a goal that it was asked for as an oracle, or does not decide it.",
        cause="The goal is false, and the notes have values that break it; or it is beyond what z3 decides in time.",
        remedy="Correct the goal or add the hypothesis that it lacks; or prove it with tactics.",
        example="hyperion_z3.oracle.prove(goal)  # that says x + 1 = x",
        runs=False,
    ),
    "HY7040": Code(
        "A goal was not proved; the notes show what is left and, where a refuter found one, a counterexample.",
        cause="The tactic does not reach it: a lemma or a hypothesis is missing, or the goal is false.",
        remedy="Try another tactic, add the lemma, or correct the goal where there is a counterexample.",
        example="""
            from hyperion.interfaces.tactic import Goal
            from hyperion.logic import literals
            from hyperion_tactics.proving import prove
            from hyperion_tactics.structural import reflexivity

            prove(Goal(frozenset(), literals.int_lit(1), literals.int_lit(2)), reflexivity)
        """,
    ),
    "HY7041": Code(
        "A tactic made a theorem that is not about its goal.",
        cause="Its justification is wrong: it proves other sides, or assumes what the goal does not.",
        remedy="Correct the tactic: `justify` must rebuild the goal's own sides from the theorems of the subgoals.",
        example="""
            from hyperion.interfaces.tactic import Goal, Progress
            from hyperion.logic import kernel, literals
            from hyperion_tactics.proving import prove

            one, two = literals.int_lit(1), literals.int_lit(2)
            prove(Goal(frozenset(), one, two), lambda goal: Progress((), lambda _: kernel.refl(one)))
        """,
    ),
    "HY7042": Code(
        "A theorem cannot be used as a rewrite rule.",
        cause="Its left side is a variable or leaves variables open; or a definition is no recursion over a list.",
        remedy="Turn it around, name the variables that stand for themselves, or unfold the definition.",
        example="""
            from hyperion.logic import kernel, theory
            from hyperion_tactics.rules import rule

            rule("grow", kernel.sym(kernel.axiom("int.add.zero")))
        """,
    ),
    "HY7081": Code(
        "A proof cannot be exported: its rows cannot be read again.",
        cause="The file is damaged or no proof, or a step of it does not apply; the message names the row.",
        remedy="Have it checked (`hyperion theorems check FILE`), and write it again with this version of Hyperion.",
        example="""
            from hyperion.logic.proof import ProofFile
            from hyperion_exports.smtlib import SmtLib

            SmtLib().export(ProofFile(b"{}"))
        """,
    ),
    "HY7082": Code(
        "The other system has no way to say a term of the proof.",
        cause="An exporter knows what the core's constants and types mean in the other system; this one is missing "
        "there, or is beyond its logic, as functions are beyond first-order SMT-LIB.",
        remedy="Take another exporter, or add the meaning to its table of constants.",
        example="""
            from hyperion.logic import terms as t
            from hyperion_exports.smt_terms import Script

            x = t.var("x", t.INT)
            Script({}).term(t.lam(x, x))
        """,
    ),
}
