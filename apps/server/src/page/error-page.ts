import type { ClaimantJson } from "../catalog/package-json.ts";
import type { ErrorAnswer } from "../http/gateway-error.ts";
import { html, type Html } from "./html.ts";
import { layout } from "./layout.ts";
import { packageUrl } from "./link.ts";

const titles: Readonly<Record<number, string>> = {
  400: "That address is not valid",
  404: "Not found",
  409: "Disputed",
  410: "Withdrawn",
  503: "Not yet",
};

function choices(id: string, claimants: readonly ClaimantJson[]): Html {
  return html`<p>
      Anyone may claim an id, and ${claimants.length} publishers claim <b>${id}</b>. Choose whose you mean:
    </p>
    <ul class="plain">
      ${claimants.map(
        ({ publisher, latest }) =>
          html`<li><a class="mono" href="${packageUrl(id, publisher)}">${publisher}</a> newest ${latest}</li>`,
      )}
    </ul>`;
}

/** The page that a browser gets instead of an error's JSON. */
export function errorPage({ status, body, error: { data } }: ErrorAnswer): Html {
  const { error, claimants = [] } = body;
  const title = titles[status] ?? "That did not work";
  const { id } = data;
  const main =
    typeof id === "string" && claimants.length > 0
      ? choices(id, claimants)
      : html`<p><bdi>${error.message}</bdi></p>
          <p class="note"><bdi>${error.hint}</bdi></p>`;
  return layout(
    `${title} – ggen marketplace`,
    "",
    html`<h1>${title}</h1>
      ${main}
      <p class="facts"><span>${status} ${error.code}</span></p>`,
  );
}
