// Bodies that are no JSON (RFC 8259), or none in UTF-8, after the kinds of https://github.com/nst/JSONTestSuite

const inUtf8 = (text: string) => Buffer.from(text);
const bytes = (...values: number[]) => Buffer.from(values);
const around = (before: string, middle: Buffer, after: string) =>
  Buffer.concat([inUtf8(before), middle, inUtf8(after)]);

const texts: Readonly<Record<string, string>> = {
  nothing: "",
  "white space only": " \t\r\n ",
  "an open object": "{",
  "an open array": '{"messages":[',
  "an open string": '{"model":"a',
  "an open escape": '{"model":"\\',
  "a name alone": '{"model"}',
  "a name without quotes": '{model:"a"}',
  "quotes of another kind": "{'model':'a'}",
  "no value": '{"model":}',
  "no colon": '{"model" "a"}',
  "two colons": '{"model"::"a"}',
  "no comma": '{"model":"a" "n":1}',
  "a comma at the end": '{"model":"a",}',
  "a comma at an array's end": '{"stop":["a",]}',
  "a comma at the start": '{,"model":"a"}',
  "two commas": '{"stop":["a",,"b"]}',
  "a line comment": '{"model":"a"} // one',
  "a block comment": '{/* one */"model":"a"}',
  "two documents": '{"model":"a"}{"model":"b"}',
  "two lines of documents": '{"model":"a"}\n{"model":"b"}',
  "rubbish at the end": '{"model":"a"}x',
  "a closing brace too many": '{"model":"a"}}',
  "the wrong closing brace": '{"stop":["a"}]',
  NaN: '{"temperature":NaN}',
  Infinity: '{"temperature":Infinity}',
  "-Infinity": '{"temperature":-Infinity}',
  "a leading zero": '{"temperature":01}',
  "a leading point": '{"temperature":.5}',
  "a point at the end": '{"temperature":1.}',
  "a plus": '{"temperature":+1}',
  "a minus alone": '{"temperature":-}',
  "an exponent without digits": '{"temperature":1e}',
  "a hexadecimal number": '{"temperature":0x1}',
  "a number with underlines": '{"temperature":1_0}',
  "capital True": '{"stream":True}',
  undefined: '{"model":undefined}',
  "half a word": '{"model":nul}',
  "a line feed in a string": '{"model":"a\nb"}',
  "a tab in a string": '{"model":"a\tb"}',
  "a NUL in a string": '{"model":"a\u0000b"}',
  "a NUL at the end": '{"model":"a"}\u0000',
  "an unknown escape": '{"model":"\\x41"}',
  "an escape too short": '{"model":"\\u004"}',
  "an escape without hexadecimal digits": '{"model":"\\u00zz"}',
  "a space that JSON does not know": '\u00a0{"model":"a"}',
  "a form feed": '\f{"model":"a"}',
  "a line separator": '\u2028{"model":"a"}',
  "two byte order marks": '\ufeff\ufeff{"model":"a"}',
  XML: "<model>a</model>",
  "a form": "model=a&n=1",
};

const notUtf8: Readonly<Record<string, Buffer>> = {
  "a byte that begins nothing": around('{"model":"', bytes(0xff), '"}'),
  "a sequence that is cut short": around('{"model":"', bytes(0xe2, 0x82), '"}'),
  "a sequence that is cut at the end": around('{"model":"a"}', bytes(0xc3), ""),
  "a continuation alone": around('{"model":"', bytes(0x80), '"}'),
  "an overlong slash": around('{"model":"', bytes(0xc0, 0xaf), '"}'),
  "an overlong NUL": around('{"model":"', bytes(0xc0, 0x80), '"}'),
  "an encoded surrogate": around('{"model":"', bytes(0xed, 0xa0, 0x80), '"}'),
  "a code point beyond the last": around('{"model":"', bytes(0xf4, 0x90, 0x80, 0x80), '"}'),
  "Latin-1": Buffer.from('{"model":"é"}', "latin1"),
  "UTF-16": Buffer.from('{"model":"a"}', "utf16le"),
  "UTF-16 with its mark": around("", bytes(0xff, 0xfe), '{\u0000"\u0000m\u0000'),
  "UTF-32": around("", bytes(0, 0, 0, 0x7b, 0, 0, 0, 0x7d), ""),
};

export const noJson: readonly (readonly [name: string, body: Buffer])[] = [
  ...Object.entries(texts).map(([name, text]) => [name, inUtf8(text)] as const),
  ...Object.entries(notUtf8),
];

/** JSON, but no object. */
export const noObject: readonly string[] = ["null", "true", "0", "-0", '""', '"{}"', "[]", "[{}]", "1e999"];
