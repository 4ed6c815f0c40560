// What operators ask: is it alive, can it serve, what has it done. For the last alone it is asked who they are.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReportFault } from "../core/errors.ts";
import type { Gateway } from "../core/gateway.ts";
import type { MetricFamily } from "../core/metrics/metric-family.ts";
import { sendErrorJson } from "./error-json.ts";
import { connectionOf, type HttpFrontEnd, pathOf } from "./http-front-end.ts";
import { createKnownError } from "./known-error.ts";
import type { CheckMetricsReader } from "./metrics-readers.ts";
import { type MediaType, parseMediaType, preferredOffer } from "./media-type.ts";
import { prometheusTextType, writePrometheusText } from "./prometheus-text.ts";
import { sendJson, sendText } from "./send-json.ts";

/** What the process measures of itself, until it is closed. */
export interface ProcessMeasurements {
  families(): readonly MetricFamily[];
  close(): void;
}

export interface OperationsPorts {
  readonly gateway: Gateway;
  readonly checkMetricsReader: CheckMetricsReader;
  /** Closed with the front end. Absent: nothing is told of the process. */
  readonly process?: ProcessMeasurements | undefined;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

const methods = ["GET", "HEAD"] as const;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export function createOperationsFrontEnd(ports: OperationsPorts): HttpFrontEnd {
  const { gateway, process } = ports;
  const measurements = () => [...gateway.measurements(), ...(process?.families() ?? [])];
  const answers: Readonly<Record<string, Answer>> = {
    "/health": (_, response) => sendJson(response, 200, { status: "ok" }),
    "/ready": (_, response) => {
      const { ready, problems } = gateway.readiness();
      sendJson(response, ready ? 200 : 503, { status: ready ? "ready" : "not_ready", problems });
    },
    "/metrics": forReaders(
      ports,
      answerMetrics({
        json: (response) => sendJson(response, 200, gateway.metrics()),
        text: (response) =>
          sendText(response, {
            status: 200,
            type: prometheusTextType,
            text: writePrometheusText(measurements()),
          }),
      }),
    ),
  };
  return {
    endpoints: Object.keys(answers).flatMap((path) => methods.map((method) => ({ method, path }))),
    serves: (path) => Object.hasOwn(answers, path),
    handle(request, response) {
      const answer = answers[pathOf(request)];
      if (methods.some((method) => method === request.method)) answer?.(request, response);
      else {
        response.setHeader("allow", methods.join(", "));
        sendJson(response, 405, { error: { code: "invalid_request", message: "Only GET is served here." } });
      }
    },
    async close() {
      process?.close();
    },
  };
}

function forReaders({ checkMetricsReader, reportFault }: OperationsPorts, answer: Answer): Answer {
  const known = createKnownError(reportFault);
  async function checkAndAnswer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await checkMetricsReader(connectionOf(request));
      answer(request, response);
    } catch (error) {
      sendErrorJson({ request, response }, known(error));
    }
  }
  return (request, response) => void checkAndAnswer(request, response);
}

interface Offer {
  readonly mediaType: MediaType;
  readonly send: (response: ServerResponse) => void;
}

/** The JSON where a client takes both as gladly, as curl does, which accepts anything. */
function answerMetrics(send: {
  readonly json: (response: ServerResponse) => void;
  readonly text: (response: ServerResponse) => void;
}): Answer {
  const offers = [
    ...offer("application/json; charset=utf-8", send.json),
    ...offer(prometheusTextType, send.text),
  ];
  return ({ headers: { accept } }, response) => {
    response.appendHeader("vary", "accept");
    const preferred = preferredOffer(accept, offers);
    if (preferred !== undefined) return preferred.send(response);
    // A scraper that asks for a format of its own would report an answer in another as broken.
    const message = `accept: must allow application/json or ${prometheusTextType}. Send one of these, or none.`;
    sendJson(response, 406, { error: { code: "invalid_request", message } });
  };
}

function offer(type: string, send: Offer["send"]): readonly Offer[] {
  const mediaType = parseMediaType(type);
  return mediaType === undefined ? [] : [{ mediaType, send }];
}
