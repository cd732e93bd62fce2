import { expect, test } from 'vitest';
import { parseNameTemplate, type Named } from '../../../../collectors/host/process/name-template.ts';

const nginx: Named = {
  comm: 'nginx',
  exeBase: 'nginx',
  exeFull: '/usr/sbin/nginx',
  username: 'www-data',
  cwd: '/srv',
  pid: 812,
  startTime: new Date(1_700_000_000_500),
  cgroups: ['/system.slice/nginx.service', '/'],
  matches: new Map([
    ['Port', '80'],
    ['Config', ''],
  ]),
};

test.each([
  ['plain', 'plain'],
  ['{{.Comm}}', 'nginx'],
  ['a {{ .ExeBase }} b', 'a nginx b'],
  ['{{.ExeFull}}:{{.Matches.Port}}', '/usr/sbin/nginx:80'],
  ['{{.Username}}@{{.Cwd}}', 'www-data@/srv'],
  ['{{.PID}} {{.StartTime}}', '812 2023-11-14 22:13:20.5 +0000 UTC'],
  ['{{.Cgroups}}', '[/system.slice/nginx.service /]'],
  ['{{index .Cgroups 0}}', '/system.slice/nginx.service'],
  ['{{ index .Matches "Port" }}|{{index .Matches "None"}}|{{.Matches.None}}', '80||<no value>'],
  ['{{.Matches}}', 'map[Config: Port:80]'],
  ['x {{- .Comm -}} y', 'xnginxy'],
  ['a{{/* a comment }} */}}b', 'ab'],
  ['{{"}}"}}{{`"`}}', '}}"'],
  ['{{if .Matches.Config}}c{{else if .Matches.Port}}p{{else}}n{{end}}!', 'p!'],
  ['{{if .Matches.Config}}c{{end}}{{if .Cgroups}}g{{end}}', 'g'],
])('%j names a process %j', (template, name) => {
  expect(parseNameTemplate(template)(nginx)).toBe(name);
});

test.each([
  ['{{.Comm', 'an action is not closed by "}}"'],
  ['{{.Name}}', '".Name" is none of .Comm, .ExeBase, .ExeFull, .Username, .Cwd, .PID, .StartTime, .Cgroups, .Matches'],
  ['{{.constructor}}', '".constructor" is none of'],
  ['{{Comm}}', '"Comm" is none of'],
  ['{{}}', '"" is not understood'],
  ['{{.Comm.X}}', '.Comm has no parts'],
  ['{{.Comm | printf "%s"}}', 'is not understood'],
  ['{{printf "%s" .Comm}}', '"printf" is not understood: only fields, index and if are'],
  ['{{range .Cgroups}}{{end}}', '"range" is not understood'],
  ['{{index .Cgroups}}', 'index takes a list or a map and a key'],
  ['{{if .Comm}}x', '"if" without an "end"'],
  ['{{if .Comm}}x{{else}}y', '"if" without an "end"'],
  ['x{{end}}', '"end" without an "if"'],
])('%j is refused in words: %s', (template, message) => {
  expect(() => parseNameTemplate(template)).toThrow(message);
});
