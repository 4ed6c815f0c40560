/** Sends answers that are whole at once, JSON and errors, with the fault that was asked for. */
import type { OutgoingHttpHeaders } from "node:http";

import type { Refusal } from "./demo-request.ts";
import type { Exchange } from "./exchange.ts";
import type { DemoFault, FaultBody } from "./faults.ts";
import type { Vendor } from "./vendor.ts";

export interface Stage {
  readonly exchange: Exchange;
  readonly vendor: Vendor;
  readonly requestId: string;
  readonly headers: OutgoingHttpHeaders;
  readonly eventsSent: (count: number) => void;
}

export interface Performance {
  /** Between tokens; a JSON answer waits as long as its stream would take. */
  readonly delayMs: number;
  readonly fault: DemoFault | undefined;
}

/** Strikes with a fault that needs no answer; tells whether it did. */
export async function strikeFirst(stage: Stage, fault: DemoFault | undefined): Promise<boolean> {
  if (fault?.kind === "status") {
    sendStatus(stage, fault);
    return true;
  }
  if (fault?.kind !== "reset" && fault?.kind !== "hang") return false;
  if (fault.at !== "before_headers") return false;
  await (fault.kind === "hang" ? stage.exchange.untilClosed() : stage.exchange.breakOff("rst"));
  return true;
}

export function sendRefusal(stage: Stage, refusal: Refusal, more: OutgoingHttpHeaders = {}): void {
  const body = stage.vendor.refusalBody(refusal, stage.requestId);
  const headers = { ...stage.vendor.refusalHeaders(refusal, undefined), ...more };
  sendWhole(stage, { status: refusal.status, contentType: stage.vendor.contentTypes.json, body, headers });
}

function sendStatus(stage: Stage, fault: Extract<DemoFault, { kind: "status" }>): void {
  const { json } = stage.vendor.contentTypes;
  const refusal = stage.vendor.statusRefusal(fault.status, fault.retryAfterSeconds);
  const body = stage.vendor.refusalBody(refusal, stage.requestId);
  const headers = stage.vendor.refusalHeaders(refusal, fault.retryAfterSeconds);
  const bodiless = fault.status === 204 || fault.status === 304;
  const vendors = { contentType: json, body: bodiless ? "" : body };
  const shaped = bodiless ? vendors : shapeBody(fault.body ?? "vendor", vendors);
  sendWhole(stage, { status: fault.status, headers, ...shaped });
}

type Body = Pick<Whole, "contentType" | "body">;

function shapeBody(shape: FaultBody, vendors: Body): Body {
  const { contentType, body } = vendors;
  switch (shape) {
    case "vendor":
      return vendors;
    case "html":
      return {
        contentType: "text/html; charset=utf-8",
        body: "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n",
      };
    case "empty":
      return { contentType, body: "" };
    case "truncated":
      return { contentType, body: body.slice(0, body.length / 2) };
    case "wrong_type":
      return { contentType: "text/plain; charset=utf-8", body };
  }
}

interface Whole {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: OutgoingHttpHeaders;
}

function sendWhole(stage: Stage, { status, contentType, body, headers }: Whole): void {
  const length = Buffer.byteLength(body);
  stage.exchange.head(status, {
    "content-type": contentType,
    "content-length": length,
    ...stage.headers,
    ...headers,
  });
  stage.exchange.end(body);
}

export async function sendJson(stage: Stage, body: string, { delayMs, fault }: Performance): Promise<void> {
  const { exchange } = stage;
  const { json } = stage.vendor.contentTypes;
  if (fault !== undefined && (await strikeAfterHeaders(stage, json, fault))) return;
  if (delayMs > 0) await exchange.pause(delayMs);
  switch (fault?.kind) {
    case "cut":
    case "hang": {
      const bytes = Buffer.from(body);
      exchange.head(200, { "content-type": json, "content-length": bytes.length, ...stage.headers });
      await exchange.send(bytes.subarray(0, bytes.length / 2));
      return fault.kind === "cut" ? exchange.breakOff("fin") : exchange.untilClosed();
    }
    case "quiet_end":
      return sendWhole(stage, { status: 200, contentType: json, body: "" });
    case "malformed_line":
      return sendWhole(stage, {
        status: 200,
        contentType: json,
        body: `${body.slice(0, body.length / 2)} }`,
      });
    case "error_event":
      return sendStatus(stage, { kind: "status", status: 500 });
    case "status":
    case "reset":
    case undefined:
      return sendWhole(stage, { status: 200, contentType: json, body });
  }
}

export async function strikeAfterHeaders(
  stage: Stage,
  contentType: string,
  fault: DemoFault,
): Promise<boolean> {
  if ((fault.kind !== "reset" && fault.kind !== "hang") || fault.at !== "after_headers") return false;
  stage.exchange.head(200, { "content-type": contentType, ...stage.headers });
  stage.exchange.flushHead();
  await (fault.kind === "hang" ? stage.exchange.untilClosed() : stage.exchange.breakOff("rst"));
  return true;
}
