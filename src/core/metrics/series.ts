// The series of one family by the values of up to three labels. Looking one up builds no text and no object.

import type { Labels } from "./metric-family.ts";

interface Entry<T> {
  readonly first: string;
  readonly second: string;
  readonly third: string;
  readonly labels: Labels;
  readonly value: T;
}

export class Series<T> {
  readonly #names: readonly string[];
  readonly #create: () => T;
  readonly #entries = new Map<string, Map<string, Map<string, Entry<T>>>>();
  /** Mostly asked for again: calls are much alike. */
  #last: Entry<T> | undefined;

  constructor(names: readonly string[], create: () => T) {
    this.#names = names;
    this.#create = create;
  }

  /** As many values as there are names; a label that has none is empty, which Prometheus takes for absent. */
  at(first: string, second = "", third = ""): T {
    const last = this.#last;
    if (last?.first === first && last.second === second && last.third === third) return last.value;
    const known = this.#entries.get(first)?.get(second)?.get(third);
    this.#last = known ?? this.#add([first, second, third]);
    return this.#last.value;
  }

  map<R>(convert: (labels: Labels, value: T) => R): R[] {
    const converted: R[] = [];
    for (const seconds of this.#entries.values()) {
      for (const thirds of seconds.values()) {
        for (const { labels, value } of thirds.values()) converted.push(convert(labels, value));
      }
    }
    return converted;
  }

  #add(values: readonly [string, string, string]): Entry<T> {
    const [first, second, third] = values;
    const labels = Object.fromEntries(this.#names.map((name, at) => [name, values[at] ?? ""]));
    const entry = { first, second, third, labels, value: this.#create() };
    const seconds = this.#entries.get(first) ?? new Map<string, Map<string, Entry<T>>>();
    const thirds = seconds.get(second) ?? new Map<string, Entry<T>>();
    this.#entries.set(first, seconds.set(second, thirds.set(third, entry)));
    return entry;
  }
}
