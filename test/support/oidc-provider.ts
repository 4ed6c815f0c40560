// A real issuer of OpenID Connect in a process of its own, and a browser that signs on at it.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export interface TestIssuer {
  readonly url: string;
  /** Claims by login name, which is also the subject. */
  setAccounts(accounts: Readonly<Record<string, object>>): Promise<void>;
  setClock(offsetMs: number): Promise<void>;
  close(): Promise<void>;
}

export async function startTestIssuer(clients: readonly object[]): Promise<TestIssuer> {
  const script = fileURLToPath(new URL("oidc-provider-process.ts", import.meta.url));
  const child = fork(script, [JSON.stringify(clients)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const url = z.string().parse(await nextMessage(child));
  async function tell(message: object): Promise<void> {
    const answer = nextMessage(child);
    child.send(message);
    await answer;
  }
  return {
    url,
    setAccounts: (accounts) => tell({ accounts }),
    setClock: (offsetMs) => tell({ offsetMs }),
    async close() {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const abort = new AbortController();
  const { signal } = abort;
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error("The issuer's process has ended.");
  });
  const [message]: readonly unknown[] = await Promise.race([once(child, "message", { signal }), ended]);
  ended.catch(() => undefined);
  abort.abort();
  return message;
}

/** Keeps cookies by origin, and shows them there. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async open(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const { origin } = new URL(url);
    const kept = this.cookies(origin);
    const cookie = [...kept].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      method: form === undefined ? "GET" : "POST",
      headers: cookie === "" ? {} : { cookie },
      body: form === undefined ? null : new URLSearchParams(form),
      redirect: "manual",
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "" || /;\s*max-age=0/i.test(set)) kept.delete(name);
      else kept.set(name, value);
    }
    return response;
  }

  cookies(origin: string): Map<string, string> {
    const kept = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, kept);
    return kept;
  }

  /**
   * Follows the issuer from the address where a sign-on begins, logs in by its form and consents, until it is sent back
   * to an address that begins with `redirectUri`. Gives that address; it is not opened.
   */
  async signOn(location: string, login: string, redirectUri: string): Promise<string> {
    let url = location;
    let response = await this.open(url);
    for (let step = 0; step < 12; step += 1) {
      const next = response.headers.get("location");
      if (next !== null) {
        url = new URL(next, url).href;
        if (url.startsWith(redirectUri)) return url;
        response = await this.open(url);
        continue;
      }
      const page = await response.text();
      const prompt = /name="prompt" value="(login|consent)"/.exec(page)?.[1];
      if (prompt === undefined) throw new Error(`The issuer shows no form (${response.status}): ${page}`);
      response = await this.open(url, { prompt, login, password: "any" });
    }
    throw new Error("The issuer sends the browser round in circles.");
  }
}
