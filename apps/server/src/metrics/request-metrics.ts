import type { Metric } from "./prometheus.ts";

const bucketsSeconds = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** A request that was answered. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of its route, so that clients cannot make series at will. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Counts answers by method, route and status, and their times. */
export class RequestMetrics {
  readonly #counts = new Map<string, { request: AnsweredRequest; count: number }>();
  readonly #buckets: number[] = bucketsSeconds.map(() => 0);
  #total = 0;
  #seconds = 0;

  /** Counts one. */
  record(request: AnsweredRequest): void {
    const key = `${request.method} ${request.route} ${request.status}`;
    const entry = this.#counts.get(key) ?? { request, count: 0 };
    entry.count += 1;
    this.#counts.set(key, entry);
    this.#total += 1;
    this.#seconds += request.seconds;
    for (const [index, limit] of bucketsSeconds.entries()) {
      if (request.seconds <= limit) this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    }
  }

  /** The counts as metrics. */
  metrics(): readonly Metric[] {
    return [
      {
        name: "ggen_http_requests_total",
        help: "Requests that the gateway answered.",
        type: "counter",
        samples: [...this.#counts.values()].map(({ request: { method, route, status }, count }) => ({
          value: count,
          labels: { method, route, status: String(status) },
        })),
      },
      {
        name: "ggen_http_request_seconds",
        help: "Time from a request's headers to the end of its answer.",
        type: "histogram",
        samples: [
          ...bucketsSeconds.map((limit, index) => ({
            suffix: "_bucket",
            labels: { le: String(limit) },
            value: this.#buckets[index] ?? 0,
          })),
          { suffix: "_bucket", labels: { le: "+Inf" }, value: this.#total },
          { suffix: "_sum", value: this.#seconds },
          { suffix: "_count", value: this.#total },
        ],
      },
    ];
  }
}
