// JSON that parsers and programs stumble over, as text.

export const prototypeKeys = ["__proto__", "constructor", "toString", "hasOwnProperty", "__defineGetter__"];

const numbers = [
  "1e999",
  "-1e999",
  "1e-999",
  "-0",
  "0.1e1",
  "9007199254740993",
  "123456789012345678901234567890",
  `1${"0".repeat(5_000)}`,
  `0.${"1".repeat(5_000)}`,
];

const texts = [
  '""',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\uffff\\ufdd0"',
  '"1e999"',
  '"NaN"',
  '"__proto__"',
  '"constructor"',
  JSON.stringify("\u202e\u2066a\u0301\u0301\u200b"),
  JSON.stringify("😀".repeat(3_000)),
];

const objects = [
  "null",
  "true",
  "[]",
  "{}",
  "[null]",
  "[[]]",
  "[{}]",
  '{"":{}}',
  '{"length":1e999}',
  '{"then":"x","toJSON":"x","valueOf":1}',
  '{"a":1,"a":{"a":2}}',
  '{"\\u005f_proto__":{"polluted":true}}',
  `{"${"k".repeat(3_000)}":1}`,
];

export const hardValues: readonly string[] = [...numbers, ...texts, ...objects];

const nested = (open: string, depth: number, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** Deeper than what reads by calling itself could stand. */
export const nests: readonly string[] = [
  nested("[", 250_000, "]"),
  nested('{"a":', 80_000, "}"),
  nested('[{"a":', 60_000, "}]"),
];

const list = (entry: string, count: number) => `[${Array.from({ length: count }, () => entry).join(",")}]`;

/** Each of about half a mebibyte. */
export const floods: readonly string[] = [
  list("1", 250_000),
  list("{}", 170_000),
  list('"a"', 125_000),
  `{${Array.from({ length: 45_000 }, (_, i) => `"${i}":"a"`).join(",")}}`,
  `"${"a".repeat(500_000)}"`,
  "1".repeat(500_000),
];
