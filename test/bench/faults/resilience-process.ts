// Measures a call's way through the core with and without resilience, in turn: A B B A.

import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { serveParent } from "../parent-process.ts";
import { type Chain, createPlainChain, createResilientChain } from "./compared-chains.ts";
import { type CostsReport, costsQuestion } from "./resilience-messages.ts";

/** Calls at a time. */
const callers = 32;

const request: ChatRequest = {
  model: "default",
  sampling: { temperature: 0.5 },
  messages: [
    {
      role: "system",
      parts: [{ type: "text", text: "You are a helpful assistant. Answer in short sentences." }],
    },
    { role: "user", parts: [{ type: "text", text: "How deep is the sea, and why?" }] },
  ],
};

const resilient = createResilientChain();
const plain = createPlainChain();

serveParent({
  ports: {},
  question: costsQuestion,
  async answer({ rounds, callsARound, warmUpCalls }): Promise<CostsReport> {
    for (const chain of [plain, resilient]) await costUs(chain, warmUpCalls);
    const report: CostsReport = { tell: "costs", resilientUs: [], plainUs: [] };
    const turn = [
      { chain: plain, costsUs: report.plainUs },
      { chain: resilient, costsUs: report.resilientUs },
    ];
    for (let round = 0; round < rounds; round += 1) {
      for (const { chain, costsUs } of turn) costsUs.push(await costUs(chain, callsARound));
      turn.reverse();
    }
    return report;
  },
});

/** CPU of this thread for a call, in microseconds. */
async function costUs(chain: Chain, calls: number): Promise<number> {
  let left = calls;
  const callOn = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await chain(request);
    }
  };
  const before = process.threadCpuUsage();
  await Promise.all(Array.from({ length: callers }, callOn));
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / calls;
}
