// Secrets that were planted, and outputs that none of them may stand in.

export interface Canary {
  /** @param shownIn labels of the outputs in which it may stand; all that begin so are meant */
  readonly plant: (name: string, value: string, ...shownIn: readonly string[]) => string;
  readonly see: (label: string, text: string) => void;
  readonly planted: number;
  readonly outputs: number;
  /** As `name in label: …text around it…`. */
  found(): readonly string[];
}

const around = 60;

export function createCanary(): Canary {
  const secrets = new Map<string, { readonly name: string; readonly shownIn: readonly string[] }>();
  const outputs: { readonly label: string; readonly text: string }[] = [];
  return {
    plant(name, value, ...shownIn) {
      secrets.set(value, { name, shownIn });
      return value;
    },
    see: (label, text) => void outputs.push({ label, text }),
    get planted() {
      return secrets.size;
    },
    get outputs() {
      return outputs.length;
    },
    found() {
      return [...secrets].flatMap(([value, { name, shownIn }]) =>
        outputs
          .filter(({ label }) => !shownIn.some((start) => label.startsWith(start)))
          .flatMap(({ label, text }) => {
            const at = formsOf(value)
              .map((form) => text.indexOf(form))
              .find((index) => index !== -1);
            if (at === undefined) return [];
            return `${name} in ${label}: ${text.slice(Math.max(at - around, 0), at + value.length + around)}`;
          }),
      );
    },
  };
}

/** As it is, as a URL and JSON write it, and in base64 from its beginning on. */
const formsOf = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  // The last characters depend on what follows.
  Buffer.from(value).toString("base64").slice(0, -4),
];
