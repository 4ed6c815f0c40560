// Reads a Dockerfile as far as ours goes: stages of instructions, lines that go on, comments.

export interface Instruction {
  readonly keyword: string;
  /** `--from=build` as from: build. */
  readonly flags: Readonly<Record<string, string>>;
  readonly rest: string;
}

export interface ImageStage {
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

export function parseDockerfile(text: string): readonly ImageStage[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const instruction = parseInstruction(line);
    if (instruction.keyword === "FROM") {
      const [base = "", , name = ""] = instruction.rest.split(/\s+/);
      stages.push({ base, name, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

function parseInstruction(line: string): Instruction {
  const [, keyword = "", written = "", rest = ""] = /^(\w+)((?:\s+--[a-z-]+=\S+)*)\s+(.*)$/.exec(line) ?? [];
  const flags = [...written.matchAll(/--([a-z-]+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]);
  return { keyword: keyword.toUpperCase(), flags: Object.fromEntries(flags), rest: rest.trim() };
}

/** The words of `CMD ["a", "b"]`, with or without CMD. */
export function execForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text.replace(/^CMD\s+/, ""));
  if (!Array.isArray(words)) throw new Error(`${text} is not in exec form.`);
  return words.map(String);
}

/** What ENV sets: `A=1 B=2`. */
export const variablesOf = (stage: ImageStage): Record<string, string> =>
  Object.fromEntries(
    stage.instructions
      .filter(({ keyword }) => keyword === "ENV")
      .flatMap(({ rest }) => rest.split(/\s+/))
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );

export function instructionOf(stage: ImageStage, keyword: string): Instruction {
  const found = stage.instructions.findLast((each) => each.keyword === keyword);
  if (found === undefined) throw new Error(`The stage ${stage.base} has no ${keyword}.`);
  return found;
}
