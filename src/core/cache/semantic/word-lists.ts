// Words that guards know. A word that none of them knows is content.

const listed = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/u));

/** They bear no meaning of their own in a question, or are compared by another guard. */
export const fillers = listed(
  `a an the this that these those here there of in on at by to from between for with into onto and or as is are was were be
  been being am do does did doing done has have had having will would shall can could it its it's i me my mine you your
  yours he him his she her hers we us our ours they them their theirs who whom whose what what's which when where why
  how if then than so just also very really please kindly hi hello hey thanks thank ok okay let's lets tell
  give explain describe know want wants wanted need help like i'd i'm i've you're there's that's who's where's how's
  when's about exactly actually basically city some any much many way ways method methods step steps
  process procedure instructions reason reasons cause causes caused s one ones question answer
  der  das  dem  ein eine einen einem einer ist sind  wie was wer wo wann warum und oder von im zu auf für
  mit es ich du sie wir ihr mir mich bitte  le la les l un une  du de est sont quel quelle quels quelles que qui
  où quand pourquoi  et ou à au aux en dans  avec je tu il elle nous vous s'il te plaît moi el los las
  lo una unos unas es  qué cuál cuáles quién dónde cuándo cómo y o del al por para con yo tú me`,
);

/** They may stand or not even where a question has fillers alone. */
export const weightless = listed(
  "please kindly hi hello hey thanks thank ok okay is are a an the me tell give",
);

/** Of any of these a question must have as many as the other. `n't` counts too. */
export const negations = listed(
  `not no non never none nobody nothing nowhere neither nor without except excepting excluding exclude excludes excluded
  unless hardly barely scarcely rarely seldom cannot cant dont doesnt didnt wont isnt arent wasnt werent shouldnt
  couldnt wouldnt lack lacks lacking lacked absent avoid avoids avoiding avoided instead rather besides apart
  nicht kein keine keinen keinem keiner keines nie niemals nichts niemand nirgends ohne außer weder noch
  ne pas jamais rien personne aucun aucune sans sauf
  nunca nada nadie ningún ninguno ninguna sin excepto salvo tampoco jamás
  não nem sem nunca niet geen nooit zonder inte ikke aldrig nie bez nessuno niente mai senza`,
);

/** Of these one in place of another is another question. */
export const prepositions = listed("in on at of for by with from into onto about");

/** After one of these, which of two stands first matters. */
export const relations = listed(
  `to from into than over under before after against by with without not instead rather per between until till since
  but except versus vs through toward towards onto off nach von vor bis als sans avec de à vers antes después hasta`,
);

/** Words that open a sentence and are no names, written large or not. */
export const openings = listed(
  `a an the this that these those what what's whats which when where why who who's whose whom how how's is are was were
  am be do does did can could will would shall should may might must have has had if in on at by to from for with
  without before after and or but so as of about into not no never please tell give explain describe define show list
  write create make build find compare summarize summarise translate convert calculate compute solve name help let
  let's lets i i'm i'd i've you your my we our he she it its it's they their there here hi hello hey thanks thank ok
  okay yes suggest recommend provide generate draft rewrite rephrase identify outline discuss analyze analyse classify
  extract implement fix debug review check answer return sort count add subtract multiply divide use using given suppose
  assume imagine consider remember think choose pick select set get put turn open close start stop run install remove
  delete update change replace print say state teach design plan prove evaluate estimate draw read speak respond reply
  since because while although during until unless except every each all some any many most more less few several both
  one two three four five six seven eight nine ten first second third last next another other
  wie was wer wo wann warum welche welcher welches ist sind der die das ein eine kann können nenne erkläre schreibe
  quel quelle quels quelles qui que où quand comment pourquoi est combien le la les un une explique
  qué cuál quién dónde cuándo cómo cuánto el los las explica`,
);

/** Written large they are other words: `US`, `WHO`, `IT`. */
export const closedWords = listed(
  `us it who or in me be is as at on so no to up am an he hi if my oh ok we do go by of a i and the are can may not for
  aids all any but has had him his how let new now off old one our out own per she too two was way why you`,
);

/** Languages of people and of programs: which are named must be the same. */
export const languages = listed(
  `english german french spanish italian portuguese dutch polish russian ukrainian czech slovak hungarian romanian
  bulgarian serbian croatian greek turkish arabic hebrew persian farsi hindi urdu bengali tamil telugu thai vietnamese
  indonesian malay tagalog filipino chinese mandarin cantonese japanese korean swedish norwegian danish finnish icelandic
  estonian latvian lithuanian irish welsh catalan basque latin swahili zulu esperanto deutsch englisch französisch
  spanisch anglais allemand français espagnol inglés alemán francés español
  python java javascript typescript rust golang ruby php kotlin swift scala perl haskell erlang elixir clojure lisp
  scheme fortran cobol pascal ada lua julia matlab sql mysql postgresql sqlite bash shell powershell html css json yaml
  xml toml csv c++ c# f# objective-c dart solidity assembly wasm graphql react vue angular svelte django flask rails
  latex markdown`,
);
