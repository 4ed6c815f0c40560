/** Texts that break what takes them for more than a text. `fit`: a name may be written so. */
export const hostileTexts: readonly {
  readonly name: string;
  readonly text: string;
  readonly fit: boolean;
}[] = [
  { name: "SQL", text: "'; drop table users; --", fit: true },
  { name: "SQL that is always true", text: `" or 1=1; --`, fit: true },
  { name: "placeholders and patterns", text: "?$1:name %_!\\%'", fit: true },
  { name: "a template", text: "${jndi:ldap://127.0.0.1/a}{{7*7}}", fit: true },
  { name: "a path", text: "../../../etc/passwd", fit: true },
  { name: "a prototype", text: "__proto__", fit: true },
  { name: "a line of the log", text: 'x\n{"level":"error","msg":"forged"}', fit: false },
  { name: "a terminal's escape", text: "\u001b[2J\u001b]0;x\u0007", fit: false },
  { name: "NUL", text: "a\u0000b", fit: false },
  { name: "a mark of direction", text: "\u202egnp.exe", fit: false },
  { name: "half a character", text: "a\ud800b", fit: false },
];

export const megabyte = "m".repeat(1_048_576);
