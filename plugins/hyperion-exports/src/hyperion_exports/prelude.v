(* What the types and constants of the logic are in Coq, and the rules that are not Coq's own.
   Everything here is defined or proved; nothing is assumed but functional extensionality. *)
Require Import ZArith Lia List Bool FunctionalExtensionality Eqdep_dec.
Open Scope Z_scope.

(* Rules *)
Definition mk_app (A B : Set) (f g : A -> B) (x y : A) (e : f = g) (d : x = y) : f x = g y :=
  match e, d with eq_refl, eq_refl => eq_refl end.
Arguments mk_app {A B f g x y} e d.
Definition fun_ext (A B : Set) (f g : A -> B) (e : forall x, f x = g x) : f = g := functional_extensionality f g e.
Arguments fun_ext {A B f g} e.
Definition bool_cases (b : bool) (P : Prop) : (b = true -> P) -> (b = false -> P) -> P :=
  match b with true => fun t _ => t eq_refl | false => fun _ f => f eq_refl end.
Arguments bool_cases b {P} _ _.

(* Types and constants *)
Inductive outcome (A : Set) : Set := ok (a : A) | trap | diverge.
Definition out_cases (A : Set) (o : outcome A) (P : Prop) :
  (forall v, o = ok A v -> P) -> (o = trap A -> P) -> (o = diverge A -> P) -> P :=
  match o with
  | ok _ a => fun k _ _ => k a eq_refl
  | trap _ => fun _ t _ => t eq_refl
  | diverge _ => fun _ _ d => d eq_refl
  end.
Arguments out_cases {A} o {P} _ _ _.
Definition outcase (A B : Set) (o : outcome A) (f : A -> B) (u v : B) : B :=
  match o with ok _ a => f a | trap _ => u | diverge _ => v end.
Definition cond (A : Set) (b : bool) (x y : A) : A := if b then x else y.
Definition listrec (A B : Set) (n : B) (c : A -> list A -> B -> B) : list A -> B :=
  fix go (l : list A) : B := match l with nil => n | cons x xs => c x xs (go xs) end.
Definition natrec (B : Set) (z : B) (s : nat -> B -> B) : nat -> B :=
  fix go (n : nat) : B := match n with O => z | S m => s m (go m) end.
(* Some list of n elements. *)
Definition count (n : Z) : list bool := repeat true (Z.to_nat n).
Lemma count_length (n : Z) : listrec bool Z 0 (fun _ _ r => 1 + r) (count n) = Z.max 0 n.
Proof.
  unfold count. rewrite <- (Z2Nat.id (Z.max 0 n)) by lia. rewrite Z2Nat.inj_max, Nat.max_0_l.
  induction (Z.to_nat n) as [| m e]; [reflexivity |].
  change (1 + listrec bool Z 0 (fun _ _ r => 1 + r) (repeat true m) = Z.of_nat (S m)). rewrite e. lia.
Qed.
Definition within (p a : Z) : bool := Z.abs a <=? p.

(* Machine words: the integers that reduction leaves as they are; signed where s, of w bits. *)
Definition low (s : bool) (w : Z) : Z := if s then - 2 ^ (w - 1) else 0.
Definition reduce (s : bool) (w z : Z) : Z := (z - low s w) mod 2 ^ w + low s w.
Definition inr (s : bool) (w z : Z) : bool := (low s w <=? z) && (z <=? low s w + 2 ^ w - 1).
Definition word (s : bool) (w : Z) : Set := {z : Z | reduce s w z = z}.
Lemma reduce_twice (s : bool) (w z : Z) : reduce s w (reduce s w z) = reduce s w z.
Proof.
  unfold reduce. replace ((z - low s w) mod 2 ^ w + low s w - low s w) with ((z - low s w) mod 2 ^ w) by ring.
  destruct (Z.eq_dec (2 ^ w) 0) as [e | e]; [rewrite e; now rewrite !Zmod_0_r | now rewrite Z.mod_mod].
Qed.
Definition toZ (s : bool) (w : Z) (x : word s w) : Z := proj1_sig x.
Definition ofZ (s : bool) (w z : Z) : word s w := exist _ (reduce s w z) (reduce_twice s w z).

Section Words.
Variables (s : bool) (w : Z) (positive : 0 < w).
Lemma period_positive : 0 < 2 ^ w.
Proof. apply Z.pow_pos_nonneg; lia. Qed.
Lemma same_word (x y : word s w) : proj1_sig x = proj1_sig y -> x = y.
Proof.
  destruct x as [x p], y as [y q]; simpl; intro e; subst y.
  now rewrite (UIP_dec Z.eq_dec p q).
Qed.
Lemma reduce_in_range (z : Z) : inr s w z = true -> reduce s w z = z.
Proof. unfold inr, reduce; intro; pose proof period_positive. rewrite Z.mod_small; lia. Qed.
Lemma in_range (x : word s w) : inr s w (toZ s w x) = true.
Proof.
  destruct x as [z e]; unfold inr, toZ; simpl. unfold reduce in e.
  pose proof period_positive. pose proof (Z.mod_pos_bound (z - low s w) (2 ^ w)). lia.
Qed.
Lemma bounds (x : word s w) : low s w <= toZ s w x <= low s w + 2 ^ w - 1.
Proof. pose proof (in_range x) as r. unfold inr in r. lia. Qed.
Lemma of_to (x : word s w) : ofZ s w (toZ s w x) = x.
Proof. apply same_word; simpl. now destruct x. Qed.
Lemma to_of (z : Z) : inr s w z = true -> toZ s w (ofZ s w z) = z.
Proof. intro; simpl; now apply reduce_in_range. Qed.
Lemma of_congruent (a b : Z) : (a - b) mod 2 ^ w = 0 -> ofZ s w a = ofZ s w b.
Proof.
  intro e; apply same_word; simpl; unfold reduce. f_equal.
  pose proof period_positive. apply Z.mod_divide in e; [| lia]. destruct e as [k e].
  replace (a - low s w) with (b - low s w + k * 2 ^ w) by lia. apply Z.mod_add; lia.
Qed.
Lemma reduce_quotient (a : Z) : exists k, toZ s w (ofZ s w a) = a + k * 2 ^ w.
Proof.
  exists (- ((a - low s w) / 2 ^ w)); simpl; unfold reduce.
  pose proof period_positive. rewrite Z.mod_eq; lia.
Qed.
Lemma of_add (a b : Z) : ofZ s w (toZ s w (ofZ s w a) + b) = ofZ s w (a + b).
Proof.
  destruct (reduce_quotient a) as [k e]. rewrite e. apply of_congruent.
  replace (a + k * 2 ^ w + b - (a + b)) with (k * 2 ^ w) by ring. pose proof period_positive. apply Z.mod_mul; lia.
Qed.
Lemma of_mul (a b : Z) : ofZ s w (toZ s w (ofZ s w a) * b) = ofZ s w (a * b).
Proof.
  destruct (reduce_quotient a) as [k e]. rewrite e. apply of_congruent.
  replace ((a + k * 2 ^ w) * b - a * b) with (k * b * 2 ^ w) by ring. pose proof period_positive. apply Z.mod_mul; lia.
Qed.

(* Bits: bit i is bit i mod w. *)
Lemma bits_of (z k : Z) : 0 <= k < w -> Z.testbit (toZ s w (ofZ s w z)) k = Z.testbit z k.
Proof.
  intro r. destruct (reduce_quotient z) as [c e]. rewrite e.
  rewrite <- (Z.mod_pow2_bits_low (z + c * 2 ^ w) w k), <- (Z.mod_pow2_bits_low z w k) by lia.
  now rewrite Z_mod_plus_full.
Qed.
Lemma same_bits (x y : word s w) :
  (forall k, 0 <= k < w -> Z.testbit (toZ s w x) k = Z.testbit (toZ s w y) k) -> x = y.
Proof.
  intro e. rewrite <- (of_to x), <- (of_to y). apply of_congruent.
  rewrite Zminus_mod. replace (toZ s w x mod 2 ^ w) with (toZ s w y mod 2 ^ w); [now rewrite Z.sub_diag |].
  apply Z.bits_inj'; intros k p. destruct (Z.ltb_spec k w).
  - rewrite !Z.mod_pow2_bits_low by lia. symmetry. apply e. lia.
  - rewrite !Z.mod_pow2_bits_high by lia. reflexivity.
Qed.
End Words.
Definition bit (s : bool) (w : Z) (x : word s w) (i : Z) : bool := Z.testbit (toZ s w x) (i mod w).
Definition band (s : bool) (w : Z) (x y : word s w) : word s w := ofZ s w (Z.land (toZ s w x) (toZ s w y)).
Definition bor (s : bool) (w : Z) (x y : word s w) : word s w := ofZ s w (Z.lor (toZ s w x) (toZ s w y)).
Definition bxor (s : bool) (w : Z) (x y : word s w) : word s w := ofZ s w (Z.lxor (toZ s w x) (toZ s w y)).

(* Masks and shifts: z / 2 ^ n is a shift to the right, z * 2 ^ n one to the left. *)
Section Bits.
Variables (s : bool) (w : Z) (positive : 0 < w).
Lemma band_of (a b : Z) : band s w (ofZ s w a) (ofZ s w b) = ofZ s w (Z.land a b).
Proof. apply (same_bits s w positive); intros. unfold band. now rewrite !bits_of, !Z.land_spec, !bits_of by lia. Qed.
Lemma bxor_of (a b : Z) : bxor s w (ofZ s w a) (ofZ s w b) = ofZ s w (Z.lxor a b).
Proof. apply (same_bits s w positive); intros. unfold bxor. now rewrite !bits_of, !Z.lxor_spec, !bits_of by lia. Qed.
Lemma band_ofZ (x : word s w) (b : Z) : band s w x (ofZ s w b) = ofZ s w (Z.land (toZ s w x) b).
Proof. rewrite <- band_of. now rewrite of_to. Qed.
(* In range is what has only copies of its sign above its low bits: so has the exclusive or of two such. *)
Definition above (z : Z) : Z := Z.shiftr z (if s then w - 1 else w).
Lemma in_range_above (z : Z) : inr s w z = true <-> above z = 0 \/ s = true /\ above z = -1.
Proof.
  assert (2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  pose proof (Z.pow_pos_nonneg 2 (w - 1)). unfold inr, low, above.
  destruct s; rewrite Z.shiftr_div_pow2 by lia;
    [pose proof (Z_div_mod_eq_full z (2 ^ (w - 1))); pose proof (Z.mod_pos_bound z (2 ^ (w - 1)))
    | pose proof (Z_div_mod_eq_full z (2 ^ w)); pose proof (Z.mod_pos_bound z (2 ^ w))]; split; nia.
Qed.
Lemma bxor_exact (x y : word s w) : toZ s w (bxor s w x y) = Z.lxor (toZ s w x) (toZ s w y).
Proof.
  apply (to_of s w positive), in_range_above. unfold above. rewrite Z.shiftr_lxor.
  destruct (proj1 (in_range_above _) (in_range s w positive x)) as [p | [? p]],
    (proj1 (in_range_above _) (in_range s w positive y)) as [q | [? q]];
    unfold above in p, q; rewrite p, q; auto.
Qed.
Lemma ones_bits (n k : Z) : 0 <= n -> 0 <= k -> Z.testbit (-1 + 2 ^ n) k = (k <? n).
Proof. intros. rewrite <- Z.testbit_ones_nonneg, Z.ones_equiv by lia. f_equal. lia. Qed.
Lemma land_pow2 (x n : Z) : 0 <= n -> Z.land x (2 ^ n) = if Z.testbit x n then 2 ^ n else 0.
Proof.
  intro. apply Z.bits_inj'; intros k p. rewrite Z.land_spec, Z.pow2_bits_eqb by lia.
  destruct (Z.testbit x n) eqn:b; rewrite ?Z.pow2_bits_eqb, ?Z.bits_0 by lia;
    destruct (Z.eqb_spec n k) as [<- |]; now rewrite ?b, ?andb_false_r.
Qed.
Lemma land_below (x n : Z) :
  0 <= n -> Z.land x (-1 + 2 ^ (1 + n)) = Z.lxor (Z.land x (-1 + 2 ^ n)) (Z.land x (2 ^ n)).
Proof.
  intro. apply Z.bits_inj'; intros k p. rewrite Z.lxor_spec, !Z.land_spec, !ones_bits, Z.pow2_bits_eqb by lia.
  destruct (Z.testbit x k), (Z.ltb_spec k (1 + n)), (Z.ltb_spec k n), (Z.eqb_spec n k); try reflexivity; lia.
Qed.
Lemma land_most (x y : Z) : 0 <= y -> 0 <= Z.land x y <= y.
Proof.
  intro. assert (0 <= Z.land x y) by (apply Z.land_nonneg; lia).
  assert (y - Z.land x y = Z.ldiff y (Z.land x y)).
  { apply Z.sub_nocarry_ldiff, Z.bits_inj'; intros k ?. rewrite Z.ldiff_spec, Z.land_spec, Z.bits_0.
    now destruct (Z.testbit x k), (Z.testbit y k). }
  assert (0 <= Z.ldiff y (Z.land x y)) by (apply Z.ldiff_nonneg; lia). lia.
Qed.
Lemma band_most (x y : word s w) :
  (0 <=? toZ s w y) = true -> (0 <=? toZ s w (band s w x y)) && (toZ s w (band s w x y) <=? toZ s w y) = true.
Proof.
  intro. pose proof (bounds s w positive y). pose proof (land_most (toZ s w x) (toZ s w y)).
  assert (low s w <= 0) by (unfold low; destruct s; pose proof (Z.pow_nonneg 2 (w - 1)); lia).
  unfold band. rewrite to_of by (trivial; unfold inr; lia). lia.
Qed.
Variables (n : Z) (least : (0 <=? n) = true) (most : (n <? w) = true).
Lemma band_low (x : word s w) :
  (0 <=? toZ s w x) = true -> (toZ s w x <? 2 ^ n) = true -> band s w x (ofZ s w (-1 + 2 ^ n)) = x.
Proof.
  intros. rewrite band_ofZ. replace (-1 + 2 ^ n) with (Z.ones n) by (rewrite Z.ones_equiv; lia).
  rewrite Z.land_ones, Z.mod_small by lia. apply of_to.
Qed.
Lemma bxor_right (x y : word s w) :
  ofZ s w (toZ s w (bxor s w x y) / 2 ^ n) = bxor s w (ofZ s w (toZ s w x / 2 ^ n)) (ofZ s w (toZ s w y / 2 ^ n)).
Proof. rewrite bxor_of, bxor_exact, <- !Z.shiftr_div_pow2 by lia. now rewrite Z.shiftr_lxor. Qed.
Lemma bxor_left (x y : word s w) :
  ofZ s w (toZ s w (bxor s w x y) * 2 ^ n) = bxor s w (ofZ s w (toZ s w x * 2 ^ n)) (ofZ s w (toZ s w y * 2 ^ n)).
Proof. rewrite bxor_of, bxor_exact, <- !Z.shiftl_mul_pow2 by lia. now rewrite Z.shiftl_lxor. Qed.
Lemma bit_alone (x : word s w) :
  band s w x (ofZ s w (2 ^ n)) = cond (word s w) (bit s w x n) (ofZ s w (2 ^ n)) (ofZ s w 0).
Proof.
  unfold bit, cond. rewrite band_ofZ, land_pow2, Z.mod_small by lia. now destruct (Z.testbit (toZ s w x) n).
Qed.
Lemma bit_below (x : word s w) :
  band s w x (ofZ s w (-1 + 2 ^ (1 + n)))
  = bxor s w (band s w x (ofZ s w (-1 + 2 ^ n))) (cond (word s w) (bit s w x n) (ofZ s w (2 ^ n)) (ofZ s w 0)).
Proof. rewrite <- bit_alone, !band_ofZ, bxor_of, land_below by lia. reflexivity. Qed.
End Bits.
Ltac by_masks :=
  first [apply band_most | apply band_low | apply bxor_right | apply bxor_left | apply bit_alone | apply bit_below];
  solve [reflexivity | assumption].
Ltac bit_by spec := unfold bit, band, bor, bxor; rewrite bits_of by (try lia; apply Z.mod_pos_bound; lia); apply spec.
Ltac by_bits :=
  first
    [ bit_by Z.land_spec
    | bit_by Z.lor_spec
    | bit_by Z.lxor_spec
    | unfold bit; rewrite bits_of by (try lia; apply Z.mod_pos_bound; lia);
      match goal with |- context [-1 - ?x] => replace (-1 - x) with (Z.lnot x) by (unfold Z.lnot; lia) end;
      apply Z.lnot_spec; apply Z.mod_pos_bound; lia
    | unfold bit; rewrite Z.testbit_eqb by (apply Z.mod_pos_bound; lia); reflexivity
    | match goal with h : bit ?s ?w _ = _ |- _ =>
        apply (same_bits s w eq_refl); intros k r; pose proof (f_equal (fun f => f k) h) as e; unfold bit in e;
        rewrite (Z.mod_small k w) in e by lia; exact e
      end ].

(* Axioms: by what their constants mean. *)
Ltac to_numbers :=
  repeat match goal with
  | |- context [low ?s ?w] => let n := eval vm_compute in (low s w) in change (low s w) with n
  | |- context [2 ^ ?w] => let n := eval vm_compute in (2 ^ w) in change (2 ^ w) with n
  end.
Ltac with_bounds :=
  repeat match goal with
  | x : word ?s ?w |- _ => generalize (bounds s w eq_refl x); generalize (toZ s w x); clear x; intro x
  end; to_numbers.
Ltac by_meaning :=
  intros; unfold within, inr, cond in *;
  first
    [ reflexivity
    | ring
    | lia
    | repeat match goal with b : bool |- _ => destruct b end; solve [reflexivity | lia]
    | match goal with |- context [if ?b then _ else _] => destruct b eqn:? end; lia
    | nia
    | revert_all; with_bounds; intros; lia ]
with revert_all := repeat match goal with h : _ = _ |- _ => revert h end.
Ltac by_division :=
  repeat match goal with h : (_ <=? _) = true |- _ => apply Z.leb_le in h | h : (_ <? _) = true |- _ => apply Z.ltb_lt in h end;
  try apply Z.leb_le; try apply Z.ltb_lt;
  first
    [ rewrite <- Z_div_mod_eq_full; reflexivity
    | apply Z_mod_plus_full
    | match goal with |- (- ?a) mod (- ?m) = _ =>
        destruct (Z.eq_dec m 0); [subst m; now rewrite Z.opp_0, !Zmod_0_r | apply Z.mod_opp_opp; assumption] end
    | apply Z.mod_small; lia
    | apply Z.mod_pos_bound; lia
    | rewrite Z.pow_add_r by lia; lia
    | apply Z.pow_pos_nonneg; lia ].
Ltac by_words :=
  intros;
  first
    [ solve [apply count_length]
    | solve [apply of_to]
    | solve [apply to_of; [reflexivity | assumption]]
    | solve [apply in_range; reflexivity]
    | solve [apply of_add; reflexivity]
    | solve [apply of_mul; reflexivity]
    | solve [by_masks]
    | solve [by_bits]
    | solve [by_division]
    | by_meaning ].
