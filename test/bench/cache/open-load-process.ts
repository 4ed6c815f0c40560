// The callers, so that their cost is on no server's account.

import { serveParent } from "../parent-process.ts";
import { arriveOpenly } from "./open-load.ts";
import { openLoadQuestion } from "./open-load-messages.ts";

serveParent({ ports: {}, question: openLoadQuestion, answer: ({ load }) => arriveOpenly(load) });
