import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { AppError } from "../base/appError.ts";

const ANSWER_LIMIT = 64 * 1024;
const TIMEOUT_MS = 5000;

/** GETs a small JSON object without any credential; `unavailable` for whatever goes wrong. */
export function fetchJson(url: URL, options: { ca?: string; signal?: AbortSignal }): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new AppError("unavailable", `No gateway answers at ${url.origin}: ${why}`));
    const { ca, signal } = options;
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(
      url,
      { agent: false, timeout: TIMEOUT_MS, ...(signal ? { signal } : {}), ...(ca ? { ca } : {}) },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > ANSWER_LIMIT) request.destroy(new Error("the answer is too long"));
        });
        response.on("end", () => {
          const body = parseObject(text);
          if (body) resolve(body);
          else fail("the answer is not a JSON object");
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error("it took too long")));
    request.on("error", (error) => fail(error.message));
    request.end();
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
