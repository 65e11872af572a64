import type { RouteClient } from "../../client/routeClient.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Gateway } from "../host/windowGateway.ts";

interface Filling<Answer> {
  ask(client: RouteClient): Promise<Answer>;
  put(answer: Answer): void;
  take(event: GatewayEvent): void;
}

/** Fills a list whose changes events tell. The answer may be older than what was told meanwhile, which is taken once more. */
export async function fillBeside<Answer>(gateway: Gateway, { ask, put, take }: Filling<Answer>): Promise<void> {
  const missed: GatewayEvent[] = [];
  const listening = gateway.onEvent((event) => missed.push(event));
  try {
    put(await ask(gateway.client()));
    for (const event of missed) take(event);
  } finally {
    listening.dispose();
  }
}
