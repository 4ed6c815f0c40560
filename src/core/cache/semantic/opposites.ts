// Pairs of words of which one in place of the other turns a question round.

const pairs: readonly (readonly [one: string, other: string])[] = [
  ["before prior", "after following"],
  ["include includes including included", "exclude excludes excluding excluded"],
  [
    "min minimum lowest least smallest fewest lower bottom shortest cheapest slowest",
    "max maximum highest most largest biggest greatest upper top longest fastest",
  ],
  [
    "increase increases increased increasing raise raises rise rises grow grows gain",
    "decrease decreases decreased decreasing reduce reduces reducing lower lowers fall falls shrink drop drops lose",
  ],
  ["enable enables enabled enabling activate on", "disable disables disabled disabling deactivate off"],
  ["first earliest oldest", "last latest newest final"],
  [
    "more greater larger bigger longer higher taller faster older",
    "less fewer smaller shorter slower younger",
  ],
  ["above over", "below under beneath underneath"],
  ["ascending", "descending"],
  ["best better", "worst worse"],
  [
    "start starts begin begins open opens opening opened",
    "stop stops end ends close closes closing closed finish",
  ],
  [
    "add adds adding added plus append insert",
    "remove removes removing removed subtract minus delete deletes deleting drop",
  ],
  ["multiply times multiplied", "divide divided over"],
  ["push", "pull pop"],
  ["buy buys buying bought", "sell sells selling sold"],
  ["import imports importing", "export exports exporting"],
  [
    "encrypt encode encoding compress zip serialize lock",
    "decrypt decode decoding decompress unzip deserialize unlock",
  ],
  ["allow allows allowed permit", "deny denies denied forbid forbidden prohibit block blocks blocked"],
  ["accept accepts", "reject rejects refuse decline"],
  ["win wins won", "lose loses lost"],
  ["hot warm heat", "cold cool"],
  ["left", "right"],
  ["left", "joined"],
  ["north northern", "south southern"],
  ["east eastern", "west western"],
  [
    "up upward upload uploading upgrade upgrading",
    "down downward download downloading downgrade downgrading",
  ],
  ["in inside into inner", "out outside outer outward"],
  ["true", "false"],
  ["yes", "no"],
  [
    "advantage advantages benefit benefits pros pro",
    "disadvantage disadvantages drawback drawbacks cons con",
  ],
  ["positive", "negative"],
  ["always", "never sometimes rarely"],
  ["all every each", "any some one none"],
  ["early earlier", "late later"],
  ["today", "yesterday tomorrow"],
  ["yesterday", "tomorrow"],
  ["next", "last previous"],
  ["past", "future"],
  ["now current currently present", "then former formerly past previously"],
  [
    "male man men boy boys husband father son king he him his",
    "female woman women girl girls wife mother daughter queen she her",
  ],
  ["parent parents", "child children"],
  ["odd", "even"],
  ["public", "private"],
  ["old", "new young"],
  ["long tall", "short"],
  ["high", "low"],
  ["fast quick", "slow"],
  ["big large", "small little tiny"],
  ["safe", "dangerous unsafe"],
  ["legal", "illegal"],
  ["possible", "impossible"],
  ["easy simple", "hard difficult complex"],
  ["cheap", "expensive"],
  ["love like", "hate dislike"],
  ["with", "without"],
  ["can may could optional", "must required mandatory"],
  ["send sends sending", "receive receives receiving"],
  ["input", "output"],
  ["client", "server"],
  ["read reads reading", "write writes writing"],
  ["save", "load"],
  ["income revenue", "expense expenses cost costs"],
  ["borrow", "lend"],
  ["teach", "learn"],
  ["arrive arrives arrival", "depart departs departure leave leaves"],
  ["question", "answer"],
  ["synonym synonyms", "antonym antonyms"],
  ["same equal", "different unequal"],
  ["horizontal horizontally", "vertical vertically"],
  ["row rows", "column columns"],
  ["uppercase", "lowercase"],
  ["singular", "plural"],
  ["for", "against"],
  ["cause causes", "effect effects"],
  ["symptom symptoms", "treatment treatments cause causes"],
  ["am", "pm"],
  ["vor", "nach"],
  ["mit", "ohne"],
  ["mehr", "weniger"],
  ["größte größer", "kleinste kleiner"],
  ["avant", "après"],
  ["avec", "sans"],
  ["plus", "moins"],
  ["antes", "después"],
  ["con", "sin"],
  ["más", "menos"],
  ["mayor", "menor"],
];

type WordSet = ReadonlySet<string>;

const sides: readonly (readonly [WordSet, WordSet])[] = pairs.map(([one, other]) => [
  new Set(one.split(" ")),
  new Set(other.split(" ")),
]);

/** Of words that the other question has not, in lower case. */
export function areOpposed(onlyInOne: WordSet, onlyInOther: WordSet): boolean {
  if (onlyInOne.size === 0 || onlyInOther.size === 0) return false;
  const opposed = ([one, other]: readonly [WordSet, WordSet]): boolean =>
    (has(onlyInOne, one) && has(onlyInOther, other)) || (has(onlyInOne, other) && has(onlyInOther, one));
  return sides.some(opposed);
}

const has = (words: WordSet, side: WordSet): boolean => {
  for (const word of words) if (side.has(word)) return true;
  return false;
};

const prefix =
  /^(?:un|in|im|il|ir|dis|non-?|mis|de|anti-?|counter-?|en|em|ex|re|pre|post|over|under|up|down|out|sub|super|hyper|hypo|inter|intra|macro|micro|mono|multi|bi|a)$/;

/** `possible` and `impossible`, `install` and `uninstall`, `hyperglycemia` and `hypoglycemia`, `useful` and `useless`. */
export function differInPrefix(one: string, other: string): boolean {
  if (one === other) return false;
  let same = 0;
  while (same < Math.min(one.length, other.length) && one.at(-1 - same) === other.at(-1 - same)) same += 1;
  for (let stem = same; stem >= 4; stem -= 1) {
    const [a, b] = [one.slice(0, one.length - stem), other.slice(0, other.length - stem)];
    if ((a === "" || prefix.test(a)) && (b === "" || prefix.test(b))) return true;
  }
  return one.endsWith("less") !== other.endsWith("less") && one.slice(0, 4) === other.slice(0, 4);
}
