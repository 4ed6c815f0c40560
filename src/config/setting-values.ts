// What the values of settings may be, and how their texts are read.

import { isLoopbackName } from "../core/access/host-name.ts";
import { secretMinBytes } from "./secret/secret-length.ts";

/** `off`: there is none. */
export type Limit = number | "off";

export interface SettingKind<T> {
  /** Undefined: not allowed. */
  readonly parse: (text: string) => T | undefined;
  readonly allowed: string;
}

export const integer = (min: number, max: number): SettingKind<number> => ({
  allowed: `a whole number from ${min} to ${max}`,
  parse(text) {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  },
});

export const oneOf = <const T extends string>(...values: readonly T[]): SettingKind<T> => ({
  allowed: values.join(", "),
  parse: (text) => values.find((value) => value === text),
});

export const optional = <T>(kind: SettingKind<T>): SettingKind<T | undefined> => kind;

export const integerOrOff = (min: number, max: number): SettingKind<Limit> => {
  const number = integer(min, max);
  return {
    allowed: `${number.allowed}, or off`,
    parse(text) {
      if (text === "off") return "off";
      return number.parse(text);
    },
  };
};

export const text: SettingKind<string> = {
  allowed: "a text that is not empty",
  parse: (value) => (value === "" ? undefined : value),
};

const isLongEnough = (value: string): boolean => Buffer.byteLength(value) >= secretMinBytes;

export const secretText: SettingKind<string> = {
  allowed: "a text of 32 bytes or more, as `openssl rand -hex 32` makes one",
  parse: (value) => (isLongEnough(value) ? value : undefined),
};

/** It travels in a header. */
export const bearerText: SettingKind<string> = {
  allowed: "16 or more letters, digits and signs without spaces, as `openssl rand -hex 32` makes them",
  parse: (value) => (/^[!-~]{16,1024}$/.test(value) ? value : undefined),
};

export const secretTexts: SettingKind<readonly string[]> = {
  allowed: "a secret of 32 bytes or more, or several with commas between them",
  parse(value) {
    if (!isLongEnough(value)) return undefined;
    const entries = value.split(",").map((entry) => entry.trim());
    const given = entries.filter((entry) => entry !== "");
    // A secret may have commas in it: the whole is one too.
    return entries.length > 1 && given.every(isLongEnough) ? [...given, value] : [value];
  },
};

export const boolean: SettingKind<boolean> = {
  allowed: "true or false",
  parse: (value) => (value === "true" ? true : value === "false" ? false : undefined),
};

export const listOf = (
  allowed: string,
  isAllowed: (entry: string) => boolean,
): SettingKind<readonly string[]> => ({
  allowed,
  parse(value) {
    const entries = value.split(",").map((entry) => entry.trim());
    const given = entries.filter((entry) => entry !== "");
    return given.every(isAllowed) ? given : undefined;
  },
});

/** A list that allows nothing would refuse everybody without a word. */
export const notEmpty = (kind: SettingKind<readonly string[]>): SettingKind<readonly string[]> => ({
  allowed: kind.allowed,
  parse(value) {
    const given = kind.parse(value);
    return given?.length === 0 ? undefined : given;
  },
});

const urlOf = (protocols: readonly string[], allowed: string): SettingKind<string> => ({
  allowed,
  parse: (value) => (URL.canParse(value) && protocols.includes(new URL(value).protocol) ? value : undefined),
});

export const redisUrl = urlOf(["redis:", "rediss:"], "an address such as redis://127.0.0.1:6379");

/** Whoever can change what is sent on the way would sign tokens of their own. */
export const keysUrl: SettingKind<string> = {
  allowed: "an address such as https://login.example.com/keys (http:// on loopback)",
  parse(value) {
    if (!URL.canParse(value)) return undefined;
    const { protocol, hostname } = new URL(value);
    const isSafe = protocol === "https:" || (protocol === "http:" && isLoopbackName(hostname));
    return isSafe ? value : undefined;
  },
};

export const httpOrigin: SettingKind<string> = {
  allowed: "an origin such as https://llm.example.com",
  parse: (value) => (URL.canParse(value) && new URL(value).origin === value ? value : undefined),
};
