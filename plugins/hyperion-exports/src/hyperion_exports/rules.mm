$( The rules of Hyperion's kernel about equations and functions, as theorems of higher-order logic: hol.mm, the logic of
   HOL Light by Mario Carneiro. A sequent A |- x = y is R |= [ x = y ], where R is the conjunction of A; types and free
   variables are Metamath's variables, which its own substitution instantiates (inst and insttype).

   metamath "read rules.mm" "verify proof *" exit $)
$[ hol.mm $]


${
  hrefl.r $e |- R : bool $.
  hrefl.a $e |- A : al $.
  $( refl $)
  h.refl $p |- R |= [ A = A ] $=
    ( eqid ) ABCDEF $.
$}
${
  hsym.a $e |- A : al $.
  hsym.1 $e |- R |= [ A = B ] $.
  $( sym $)
  h.sym $p |- R |= [ B = A ] $=
    ( eqcomi ) ABCDEFG $.
$}
${
  htrans.a $e |- A : al $.
  htrans.1 $e |- R |= [ A = B ] $.
  htrans.2 $e |- S |= [ B = C ] $.
  $( trans $)
  h.trans $p |- ( R , S ) |= [ A = C ] $=
    ( kct ke kbr ax-cb1 adantr adantl eqtri ) ABCDEFJGEFBCKLZHCDKLZFIMNFERIQEHM
    OP $.
$}
${
  happ.f $e |- F : ( al -> be ) $.
  happ.a $e |- A : al $.
  happ.1 $e |- R |= [ F = T ] $.
  happ.2 $e |- S |= [ A = B ] $.
  $( app $)
  h.app $p |- ( R , S ) |= [ ( F A ) = ( T B ) ] $=
    ( kct ke kbr ax-cb1 adantr adantl ceq12 ) ABCDEFGMHIJFGEHNOZKCDNOZGLPQGFUAL
    TFKPRS $.
$}
${
  $d x R $.
  habs.a $e |- A : be $.
  habs.1 $e |- R |= [ A = B ] $.
  $( abs $)
  h.abs $p |- R |= [ \ x : al . A = \ x : al . B ] $=
    ( leq ) ABCDEFGHI $.
$}
${
  $d x B $.  $d x C $.  $d x al $.
  hbeta.a $e |- A : be $.
  hbeta.c $e |- C : al $.
  hbeta.1 $e |- [ x : al = C ] |= [ A = B ] $.
  $( beta: b is A and b[a/v] is B, where x = C makes A = B $)
  h.beta $p |- T. |= [ ( \ x : al . A C ) = B ] $=
    ( cl ) ABCDEFGHIJ $.
$}
${
  $d x F $.  $d x al $.  $d x be $.
  heta.f $e |- F : ( al -> be ) $.
  $( eta $)
  h.eta $p |- T. |= [ \ x : al . ( F x : al ) = F ] $=
    ( eta ) ABCDEF $.
$}
${
  hassume.a $e |- A : al $.
  hassume.b $e |- B : al $.
  $( assume $)
  h.assume $p |- [ A = B ] |= [ A = B ] $=
    ( ke kbr weqi id ) BCFGABCDEHI $.
$}
${
  hcut.1 $e |- R |= [ A = B ] $.
  hcut.2 $e |- ( S , [ A = B ] ) |= [ C = T ] $.
  $( cut $)
  h.cut $p |- ( R , S ) |= [ C = T ] $=
    ( ke kbr kct ax-cb1 wctl simpr adantr syl2anc ) CFIJZDEKEABIJZDERDGLERQERKH
    LMZNDERGSOHP $.
$}
${
  $d x C $.  $d x al $.
  hidentity.c $e |- C : al $.
  $( The identity applied: beta with the hypothesis that the variable is the argument.  $)
  h.identity $p |- T. |= [ ( \ x : al . x : al C ) = C ] $=
    ( tv wv h.assume h.beta ) AABABEZCCABFZDAICJDGH $.
$}
