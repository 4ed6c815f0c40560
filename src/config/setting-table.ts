// Every setting, by topic. The flag and the key in the YAML file follow from the variable: HTTP_PORT is --http-port and
// httpPort.

import { accessSettings } from "./settings/access-settings.ts";
import { answerSettings } from "./settings/answer-settings.ts";
import { callSettings } from "./settings/call-settings.ts";
import { listeningSettings } from "./settings/listening-settings.ts";
import { recordSettings } from "./settings/record-settings.ts";
import { redisSettings } from "./settings/redis-settings.ts";

export const settingTable = {
  ...listeningSettings,
  ...recordSettings,
  ...accessSettings,
  ...callSettings,
  ...answerSettings,
  ...redisSettings,
} as const;

export type SettingKey = keyof typeof settingTable;

/** Their values are part of no message. */
export const secretSettings: ReadonlySet<PropertyKey> = new Set<SettingKey>([
  "apiKeys",
  "secret",
  "secretPrevious",
  "metricsToken",
  "redisUrl",
]);

/** HTTP_PORT → http-port */
export const flagOf = (variable: string): string => variable.toLowerCase().replaceAll("_", "-");
