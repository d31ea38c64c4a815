import { useRef, type ReactNode } from "react";
import { colleagues, useNames } from "../text/names";
import { plain } from "../text/TextObject";
import type { Json } from "../types";
import { MULTI_SELECTS } from "./state";
import { Picker, type Choice } from "./Picker";
import { useSurface } from "./surface";
import type { ElementProps } from "./Element";

function optionChoice(option: Json, group?: string): Choice {
  return { value: String(option.value), label: plain(option.text), description: plain(option.description) || undefined, group, option };
}

function optionChoices(source: Json): Choice[] {
  const groups = (source.option_groups ?? []) as Json[];
  if (groups.length) return groups.flatMap((g) => (g.options ?? []).map((o: Json) => optionChoice(o, plain(g.label))));
  return ((source.options ?? []) as Json[]).map((o) => optionChoice(o));
}

function matching(choices: Choice[], query: string): Choice[] {
  const wanted = query.toLowerCase();
  return choices.filter((c) => `${c.label} ${c.description ?? ""}`.toLowerCase().includes(wanted));
}

function usePlaces(element: Json): { people: () => Choice[]; conversations: () => Choice[]; label: (id: string) => string } {
  const names = useNames();
  const people = () =>
    colleagues(names).map((p) => ({ value: p.id, label: p.real_name || p.name, description: p.title || undefined }));
  const conversations = () => {
    const filter = (element.filter ?? {}) as Json;
    const kinds = (element.type as string).includes("channels") ? ["public"] : ((filter.include ?? ["public", "private", "im", "mpim"]) as string[]);
    return [...names.channels.values()]
      .map((c) => c as Json)
      .filter((c) => kinds.includes(c.kind === "dm" ? "im" : (c.kind ?? "public")) && !c.archived)
      .filter((c) => !(filter.exclude_external_shared_channels && c.shared))
      .map((c) => ({ value: String(c.id), label: c.kind === "dm" ? String(c.name) : `#${c.name}` }));
  };
  const label = (id: string) => {
    const person = names.people.get(id);
    if (person) return person.real_name || person.name;
    const channel = names.channels.get(id);
    return channel ? `#${channel.name}` : id;
  };
  return { people, conversations, label };
}

type Setter = (state: Json) => void;

function chosenAndSetter(element: Json, state: Json, label: (id: string) => string): { chosen: Choice[]; toState: (c: Choice[]) => Json } {
  const type = element.type as string;
  const option = (c: Choice) => c.option ?? { text: { type: "plain_text", text: c.label }, value: c.value };
  const named = (id: string): Choice => ({ value: id, label: label(id) });
  if ("selected_option" in state || "selected_options" in state) {
    const chosen = (state.selected_options ?? (state.selected_option ? [state.selected_option] : [])) as Json[];
    return {
      chosen: chosen.map((o) => optionChoice(o)),
      toState: (cs) => (type.startsWith("multi_") ? { type, selected_options: cs.map(option) } : { type, selected_option: cs[0] ? option(cs[0]) : null }),
    };
  }
  const noun = type.includes("users") ? "user" : type.includes("conversations") ? "conversation" : "channel";
  const key = type.startsWith("multi_") ? `selected_${noun}s` : `selected_${noun}`;
  const ids = (Array.isArray(state[key]) ? state[key] : state[key] ? [state[key]] : []) as string[];
  return {
    chosen: ids.map(named),
    toState: (cs) => ({ type, [key]: type.startsWith("multi_") ? cs.map((c) => c.value) : (cs[0]?.value ?? null) }),
  };
}

/** Every select of Block Kit: static, external, people, conversations and channels, single and multi. */
export function SelectElement({ element, block, mode, field }: ElementProps): ReactNode {
  const surface = useSurface();
  const places = usePlaces(element);
  const offered = useRef<Choice[]>([]);
  const type = element.type as string;
  const multi = MULTI_SELECTS.includes(type);
  const state = surface.valueOf(block, element);
  const { chosen, toState } = chosenAndSetter(element, state, places.label);
  const external = type.endsWith("external_select");

  const search = async (query: string): Promise<Choice[]> => {
    if (external) {
      offered.current = optionChoices(await surface.options(block, element, query));
      return offered.current;
    }
    const all = type.endsWith("static_select") ? optionChoices(element) : type.includes("users") ? places.people() : places.conversations();
    return matching(all, query);
  };
  const store: Setter = (next) => surface.change(block, element, next);
  const send: Setter = (next) => void surface.pick(block, element, next);
  const apply = (choices: Choice[]) => {
    const next = toState(choices);
    if (mode === "input" && !block.dispatch_action) store(next);
    else if (multi) store(next);
    else send(next);
  };
  return (
    <Picker
      id={field.id}
      label={field.labelled ? undefined : plain(element.placeholder) || "Select an option"}
      placeholder={plain(element.placeholder) || (multi ? "Select options" : "Select an option")}
      chosen={chosen}
      multi={multi}
      max={element.max_selected_items}
      disabled={surface.isBusy(block, element)}
      invalid={field.invalid}
      describedBy={field.describedBy}
      autoFocus={Boolean(element.focus_on_load)}
      search={search}
      minQuery={external ? (element.min_query_length ?? 3) : 0}
      onChoose={apply}
      onDone={(choices) => (mode === "action" || block.dispatch_action) && send(toState(choices))}
    />
  );
}
