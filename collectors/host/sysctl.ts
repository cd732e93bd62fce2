/**
 * Kernel parameters that the config names.
 *
 * Source  /proc/sys/ (Documentation/admin-guide/sysctl/index.rst); "fs.file-nr" is /proc/sys/fs/file-nr.
 * Labels  index: the position, where a parameter has several values and no names for them; name and value in the info.
 */
import {
  defineCollector,
  type Family,
  gauge,
  malformed,
  type Sample,
  type Samples,
  untyped,
} from '../../src/collector.ts';
import { list, z } from '../../src/config/schema.ts';
import { messageOf } from '../../src/errors.ts';
import { hexadecimal, integer } from '../../src/system/numbers.ts';
import { metricNamePart } from './metric-name.ts';

const info = gauge('node_sysctl_info', 'sysctl info', ['name', 'value', 'index']);

export const sysctl = defineCollector({
  name: 'sysctl',
  summary: 'Kernel parameters that the config names.',
  source: '/proc/sys',
  differences: [
    'A parameter that cannot be read is logged and left out; node_exporter loses the others as well.',
    'Parameters of more than 128 bytes and numbers of more than 63 bits are read whole.',
  ],
  enabled: false,
  schedule: '15s',
  families: [
    untyped('node_sysctl_<name>', 'sysctl <name>', ['index?']),
    untyped('node_sysctl_<name>_<field>', 'sysctl <name>, field <index>'),
    info,
  ],
  config: z.strictObject({
    include: list().describe(
      'Parameters with numbers, such as "vm.swappiness"; "fs.file-nr:total,current,max" names several values.',
    ),
    include_info: list().describe('Parameters with text, reported as labels, such as "kernel.seccomp.actions_avail".'),
  }),
  create(config, { system, log }) {
    const failing = new Set<string>();
    const numeric = [...new Set(config.include)].map(parseParameter);
    const textual = [...new Set(config.include_info)].map(parseParameter);

    function valuesOf({ name, fields }: Parameter): string[] {
      const values = system.proc
        .text(`sys/${name.replaceAll('.', '/')}`)
        .trim()
        .split(/\s+/);
      if (values[0] === '') throw malformed(name, 'no value');
      if (fields.length > 0 && values.length !== fields.length) {
        throw malformed(name, `${values.length} values, but ${fields.length} names for them`);
      }
      return values;
    }

    function* numbersOf(parameter: Parameter): Generator<Sample> {
      const { name, family, fields } = parameter;
      const values = valuesOf(parameter).map((text) => (text.startsWith('0x') ? hexadecimal(text) : integer(text)));
      if (values.includes(undefined)) throw malformed(name, 'not a number; include_info reports text');
      for (const [index, value] of values.entries()) {
        const field = fields[index];
        if (field === undefined) yield family.sample(value!, values.length > 1 ? { index: String(index) } : {});
        else yield field.sample(value!);
      }
    }

    function* textsOf(parameter: Parameter): Generator<Sample> {
      for (const [index, value] of valuesOf(parameter).entries()) {
        yield info.sample(1, { name: parameter.name, value, index: String(index) });
      }
    }

    return {
      collect() {
        const samples: Sample[] = [];
        const errors: unknown[] = [];
        const attempt = (parameter: Parameter, read: (parameter: Parameter) => Samples): void => {
          const { name } = parameter;
          try {
            samples.push(...read(parameter));
            failing.delete(name);
          } catch (error) {
            errors.push(error);
            if (!failing.has(name))
              log.warn({ sysctl: name, reason: messageOf(error) }, 'cannot read a kernel parameter');
            failing.add(name);
          }
        };
        for (const parameter of numeric) attempt(parameter, numbersOf);
        for (const parameter of textual) attempt(parameter, textsOf);
        if (samples.length === 0 && errors.length > 0) throw errors[0];
        return samples;
      },
    };
  },
});

interface Parameter {
  readonly name: string;
  readonly family: Family<'index?'>;
  /** A family for each of its values; none where they go by index. */
  readonly fields: readonly Family[];
}

/** Reads "fs.file-nr:total,current,max". */
function parseParameter(text: string): Parameter {
  const [name = '', fields = ''] = text.split(/:(.*)/s);
  const base = `node_sysctl_${metricNamePart(name)}`;
  return {
    name,
    family: untyped(base, `sysctl ${name}`, ['index?']),
    fields: fields
      .split(',')
      .filter((field) => field !== '')
      .map((field, index) => untyped(`${base}_${metricNamePart(field)}`, `sysctl ${name}, field ${index}`)),
  };
}
