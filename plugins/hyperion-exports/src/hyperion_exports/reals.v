(* What the constants of the reals are in Coq. Nothing is assumed but what Coq's own reals rest on. *)
Require Import Reals Lra Psatz.
Definition rle (a b : R) : bool := if Rle_dec a b then true else false.
Definition rlt (a b : R) : bool := if Rlt_dec a b then true else false.
Definition req (a b : R) : bool := if Req_EM_T a b then true else false.

(* Axioms: by cases of every comparison. *)
Ltac by_comparison :=
  repeat match goal with
  | |- context [Rle_dec ?a ?b] => destruct (Rle_dec a b)
  | |- context [Rlt_dec ?a ?b] => destruct (Rlt_dec a b)
  | |- context [Req_EM_T ?a ?b] => destruct (Req_EM_T a b)
  | h : context [Rle_dec ?a ?b] |- _ => destruct (Rle_dec a b)
  | h : context [Rlt_dec ?a ?b] |- _ => destruct (Rlt_dec a b)
  | h : context [Req_EM_T ?a ?b] |- _ => destruct (Req_EM_T a b)
  end; simpl; try discriminate; solve [reflexivity | lra | exfalso; lra | exfalso; nra | by_division_of_reals]
with by_division_of_reals :=
  field; let zero := fresh in intro zero; match goal with nonzero : _ <> _ |- _ => apply nonzero end; rewrite zero; lra.
(* Integers among the reals, and powers of e. *)
Ltac by_embedding :=
  solve [ reflexivity | apply plus_IZR | apply opp_IZR | replace (0 / 1)%R with 0%R by field; rewrite exp_0; field | apply exp_plus | apply ln_exp
        | unfold rle; match goal with |- context [Rle_dec (IZR ?a) (IZR ?b)] =>
            destruct (Rle_dec (IZR a) (IZR b)); destruct (Z.leb_spec a b); try reflexivity;
            [ exfalso; apply (Z.lt_irrefl a); apply Z.le_lt_trans with b; [ apply le_IZR | ]; assumption
            | exfalso; match goal with no : ~ _ |- _ => apply no; apply IZR_le; assumption end ] end ].
Ltac by_reals :=
  intros; first [by_embedding | solve [ring | lra | field] | unfold cond, rle, rlt, req, Rmax, Rmin in *; by_comparison].
Open Scope Z_scope.
