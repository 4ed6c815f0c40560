// One setting: its variable, its default and what is allowed.

import type { SettingKind } from "./setting-values.ts";

export interface Setting<T> {
  readonly variable: string;
  readonly kind: SettingKind<T>;
  readonly fallback: T;
  /** One line for people: what it is for. */
  readonly purpose: string;
}

export const define = <T>(setting: Setting<T>): Setting<T> => setting;
