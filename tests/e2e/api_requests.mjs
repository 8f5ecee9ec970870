// Random requests out of the API's own OpenAPI document: what the schemas allow, and what they do not.

/** A seeded generator (mulberry32): the same seed, the same requests. */
export const randomSource = (seed) => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound) => Math.floor(next() * bound);
  return { chance: (share) => next() < share, below, pick: (list) => list[below(list.length)] };
};

const HOSTILE_TEXTS = [
  '',
  ' ',
  '%s%x%n',
  "'; drop table tokens; --",
  '../..',
  '\u0000',
  'é😀',
  'x'.repeat(600),
  '{room}',
];
const ODD_VALUES = [null, true, 0, -1, 1.5, 1e300, 2 ** 53, '', [], {}, [[]], { a: { b: [1] } }];

const TIMES = ['2099-01-01T00:00:00Z', '2030-02-28T23:59:59.999Z'];

const MATCHING_TEXTS = new Map([
  ['^[0-9a-f]{32}$', ['0'.repeat(32), 'deadbeef'.repeat(4)]],
  ['^ice_[A-Za-z0-9_-]+$', ['ice_AAAA', `ice_${'A'.repeat(54)}`]],
  ['^https://[^/?#@{}]', ['https://app.example/rooms/{room}', 'https://a.example/?c={client}']],
  ['^https?://', ['https://hooks.example/a?b=c', 'http://hooks.example', 'https://10.0.0.1']],
  ['^[0-9]+-[0-9a-f]{32}$', [`0-${'0'.repeat(32)}`, `1767712462277-${'a'.repeat(32)}`]],
]);

export class RequestMaker {
  constructor(document, random) {
    this.document = document;
    this.random = random;
  }

  resolve(part) {
    if (!part?.$ref) return part;
    const names = part.$ref.slice(2).split('/');
    return this.resolve(names.reduce((at, name) => at[name], this.document));
  }

  /** {method, path, parameters, body} of every operation. */
  operations() {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        parameters: (operation.parameters ?? []).map((each) => this.resolve(each)),
        body: operation.requestBody?.content['application/json'].schema,
        responses: operation.responses,
        pointer: `/paths/${path.replaceAll('/', '~1')}/${method}/responses`,
      })),
    );
  }

  text(schema) {
    const { random } = this;
    if (schema.enum) return random.pick(schema.enum);
    if (schema.format === 'date-time') return random.pick(TIMES);
    const matching = MATCHING_TEXTS.get(schema.pattern);
    return matching ? random.pick(matching) : `t${random.below(5)}`;
  }

  integer({ minimum = 0, maximum = 2 ** 40 }) {
    const { random } = this;
    return random.pick([minimum, maximum, minimum + random.below(Math.min(1_000, maximum - minimum + 1))]);
  }

  object(schema) {
    const wanted = Object.entries(schema.properties ?? {}).filter(
      ([name]) => schema.required?.includes(name) || this.random.chance(0.5),
    );
    return Object.fromEntries(wanted.map(([name, property]) => [name, this.value(property)]));
  }

  /** Something that the schema allows. */
  value(part) {
    const schema = this.resolve(part);
    if (schema.oneOf) return this.value(this.random.pick(schema.oneOf));
    if (schema.enum) return this.random.pick(schema.enum);
    switch (this.random.pick([schema.type].flat())) {
      case 'string':
        return this.text(schema);
      case 'integer':
      case 'number':
        return this.integer(schema);
      case 'boolean':
        return this.random.chance(0.5);
      case 'array':
        return Array.from({ length: 1 + this.random.below(3) }, () => this.value(schema.items));
      case 'object':
        return this.object(schema);
      default:
        return null;
    }
  }

  /** The same with one thing wrong somewhere, as likely as not. */
  spoilt(value) {
    const { random } = this;
    if (value === null || typeof value !== 'object' || random.chance(0.2)) {
      return random.chance(0.5) ? random.pick(HOSTILE_TEXTS) : random.pick(ODD_VALUES);
    }
    const copy = structuredClone(value);
    const names = Object.keys(copy);
    if (names.length === 0 || random.chance(0.2)) return { ...copy, unknown: random.pick(ODD_VALUES) };
    const name = random.pick(names);
    if (random.chance(0.3)) delete copy[name];
    else copy[name] = this.spoilt(copy[name]);
    return copy;
  }

  bodyText(schema) {
    const { random } = this;
    const valid = this.value(schema);
    const text = JSON.stringify(random.chance(0.5) ? valid : this.spoilt(valid));
    if (random.chance(0.05)) return text.slice(0, random.below(text.length));
    if (random.chance(0.03)) return '['.repeat(40);
    if (random.chance(0.03)) return `{"name":"a",${text.slice(1)}`;
    return text;
  }

  parameterText({ schema }) {
    return this.random.chance(0.8) ? String(this.value(schema)) : this.random.pick(HOSTILE_TEXTS);
  }

  /** {url, options} for fetch; `known` has values for path parameters, by name. */
  request(operation, known) {
    const { random } = this;
    const headers = { 'content-type': 'application/json' };
    const query = new URLSearchParams();
    let { path } = operation;
    for (const parameter of operation.parameters) {
      const text = this.parameterText(parameter);
      if (parameter.in === 'path') {
        const value = random.chance(0.6) ? random.pick(known[parameter.name]) : text || 'x';
        path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
      } else if (random.chance(0.3)) {
        if (parameter.in === 'query') query.append(parameter.name, text);
        else if (/^[!-~]+$/.test(text)) headers[parameter.name] = text;
      }
    }
    if (random.chance(0.05)) query.append('unknown', '1');
    const hasBody = operation.body && random.chance(0.95);
    return {
      url: [...query].length > 0 ? `${path}?${query}` : path,
      options: {
        method: operation.method,
        headers,
        body: hasBody ? this.bodyText(operation.body) : undefined,
      },
    };
  }
}
