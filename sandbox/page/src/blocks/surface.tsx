import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { safeLink } from "../text/links";
import type { Json, StateValues, Where } from "../types";
import { bareValue, fromServer, initialState, pickBody } from "./state";

/** What interactive elements need from the message, modal or Home view that they stand in. */
export interface Surface {
  id: string;
  kind: "message" | "modal" | "home";
  errors: Record<string, string>;
  valueOf: (block: Json, element: Json) => Json;
  change: (block: Json, element: Json, state: Json) => void;
  press: (block: Json, element: Json) => Promise<void>;
  pick: (block: Json, element: Json, state: Json) => Promise<void>;
  options: (block: Json, element: Json, query: string) => Promise<Json>;
  isBusy: (block: Json, element: Json) => boolean;
}

export const SurfaceContext = createContext<Surface | null>(null);

export function useSurface(): Surface {
  const surface = useContext(SurfaceContext);
  if (!surface) throw new Error("An element needs a surface around it.");
  return surface;
}

export type Act = (what: Json) => Promise<Json | null>;
export type AskConfirm = (dialog: Json) => Promise<boolean>;

export const ActionsContext = createContext<{ act: Act; confirm: AskConfirm }>({
  act: async () => null,
  confirm: async () => true,
});

const keyOf = (block: Json, element: Json): string => `${block.block_id ?? ""}/${element.action_id ?? ""}`;

function nameOf(element: Json): string {
  return String(element.action_id ?? element.text?.text ?? "");
}

interface Props {
  id: string;
  kind: Surface["kind"];
  where: Where | null;
  values?: StateValues;
  errors?: Record<string, string>;
  /** Outlives the component, so that a modal under another one keeps what was typed. */
  drafts?: Map<string, Json>;
  onChange?: (blockId: string) => void;
  children: ReactNode;
}

const NO_ERRORS: Record<string, string> = {};

/** What was typed and not yet sent, as `fill` takes it. */
export function draftValues(drafts: Map<string, Json>): Json {
  const values: Json = {};
  for (const [key, state] of drafts) {
    const block = key.slice(0, key.indexOf("/"));
    values[block || key.slice(1)] = bareValue(state);
  }
  return values;
}

export function SurfaceProvider({ id, kind, where, values, errors = NO_ERRORS, drafts, onChange, children }: Props): ReactNode {
  const { act, confirm } = useContext(ActionsContext);
  const own = useRef(drafts ?? new Map<string, Json>());
  const store = drafts ?? own.current;
  const [revision, setRevision] = useState(0);
  const [busy, setBusy] = useState<Set<string>>(new Set());
  // Callers make `where` afresh on each render; its words decide whether it changed.
  const place = JSON.stringify(where);

  const valueOf = useCallback(
    (block: Json, element: Json): Json => {
      const draft = store.get(keyOf(block, element));
      if (draft && draft.type === element.type) return draft;
      const server = values?.[block.block_id]?.[element.action_id];
      return server ? fromServer({ type: element.type, ...server }, element) : initialState(element);
    },
    [store, values],
  );
  const change = useCallback(
    (block: Json, element: Json, state: Json) => {
      store.set(keyOf(block, element), state);
      setRevision((n) => n + 1);
      onChange?.(String(block.block_id));
    },
    [store, onChange],
  );
  const send = useCallback(
    async (block: Json, element: Json, body: Json) => {
      if (element.confirm && !(await confirm(element.confirm))) return false;
      const key = keyOf(block, element);
      setBusy((before) => new Set(before).add(key));
      try {
        const inputs = draftValues(store);
        if (kind === "modal" && Object.keys(inputs).length > 0) await act({ do: "fill", values: inputs });
        const target = { action: nameOf(element), in: JSON.parse(place), block_id: block.block_id };
        await act({ ...body, ...target, ...(element.confirm ? { confirm: true } : {}) });
      } finally {
        setBusy((before) => new Set([...before].filter((k) => k !== key)));
      }
      return true;
    },
    [act, confirm, kind, place, store],
  );

  const surface = useMemo<Surface>(
    () => ({
      id,
      kind,
      errors,
      valueOf,
      change,
      press: async (block, element) => {
        const url = safeLink(element.url);
        if (url) window.open(url, "_blank", "noopener,noreferrer");
        await send(block, element, { do: "press" });
      },
      pick: async (block, element, state) => {
        const key = keyOf(block, element);
        const before = store.get(key);
        store.set(key, state);
        setRevision((n) => n + 1);
        if (await send(block, element, { do: "pick", ...pickBody(state) })) return;
        if (before) store.set(key, before);
        else store.delete(key);
        setRevision((n) => n + 1);
      },
      options: async (block, element, query) =>
        (await act({ do: "options", action: nameOf(element), block_id: block.block_id, query, in: JSON.parse(place) })) ?? {},
      isBusy: (block, element) => busy.has(keyOf(block, element)),
    }),
    // `revision` makes readers see what was typed into the store.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [id, kind, errors, valueOf, change, send, act, place, busy, store, revision],
  );
  return <SurfaceContext.Provider value={surface}>{children}</SurfaceContext.Provider>;
}
