import fs from 'node:fs';

type LoaderName = 'systemd-boot' | 'grub';

/** Bytes of each kernel and initramfs that the tests make. */
export const FILE_BYTES = 5000;

/** What the loader would boot by itself, from its own documentation: systemd 257's config_entry_compare(), and the script of GRUB. */
export function choiceOf(boot: string, name: LoaderName): string {
  return name === 'grub' ? grubChoice(boot) : systemdBootChoice(boot);
}

function systemdBootChoice(boot: string): string {
  const directory = `${boot}/loader/entries`;
  const entries = fs
    .readdirSync(directory)
    .filter(file => file.endsWith('.conf'))
    .map(file => {
      const text = fs.readFileSync(`${directory}/${file}`, 'utf8');
      const [, id = '', counter] = /^apt-layer-\d+-(.*?)(\+\d+(?:-\d+)?)?\.conf$/.exec(file) ?? [];
      const version = Number(/^version (\d+)$/m.exec(text)?.[1]);
      return { id, text, version, isUsedUp: /^\+0(?:-|$)/.test(counter ?? '') };
    })
    .sort((a, b) => Number(a.isUsedUp) - Number(b.isUsedUp) || b.version - a.version);
  const [first] = entries;
  return first === undefined ? 'nothing' : withKernels(boot, first.id, first.text);
}

function grubChoice(boot: string): string {
  const path = `${boot}/grub/custom.cfg`;
  if (!fs.existsSync(path)) return 'nothing';
  const text = fs.readFileSync(path, 'utf8');
  const block = `${boot}/grub/apt-layer.env`;
  const environment = fs.existsSync(block) ? fs.readFileSync(block, 'latin1') : '';
  const id = firstTrue(text.split('apt_layer_once')[0] ?? '', environment) ?? 'nothing';
  return withKernels(boot, id, text.split(`--id 'apt-layer-${id}'`)[1]?.split('\n}')[0] ?? '');
}

/** The first default whose condition holds: that a variable is not 0, or none at all. */
function firstTrue(script: string, environment: string): string | undefined {
  let holds = true;
  for (const line of script.split('\n')) {
    const variable = /(?:if|elif) \[ "\$\{(\w+)\}" != "0" \]/.exec(line)?.[1];
    if (variable !== undefined) holds = !environment.includes(`\n${variable}=0\n`);
    if (/^ *else$/.test(line)) holds = true;
    const id = /^ *set default='apt-layer-([^']*)'/.exec(line)?.[1];
    if (id !== undefined && holds) return id;
  }
  return undefined;
}

function withKernels(boot: string, id: string, text: string): string {
  const files = [...text.matchAll(/apt-layer\/(?:vmlinuz|initrd)-[0-9a-f]+/g)].map(([file]) => file);
  const isWhole = (file: string) =>
    fs.existsSync(`${boot}/${file}`) && fs.statSync(`${boot}/${file}`).size === FILE_BYTES;
  return files.length >= 2 && files.every(isWhole) ? id : `${id} without its kernel`;
}

/** As the loader does when an entry was tried as often as it may be. */
export function useUp(boot: string, name: LoaderName, id: string): void {
  if (name === 'grub') {
    const block = `${boot}/grub/apt-layer.env`;
    const script = fs.readFileSync(`${boot}/grub/custom.cfg`, 'utf8');
    const body = script.split(`--id 'apt-layer-${id}'`)[1]?.split('\n}')[0] ?? '';
    const variable = /set (apt_layer_left_\w)=0/.exec(body)?.[1];
    if (variable === undefined) throw new Error(`${id} is not counted`);
    const text = fs.readFileSync(block, 'latin1');
    fs.writeFileSync(block, text.replace(new RegExp(`${variable}=\\d`), `${variable}=0`));
    return;
  }
  const directory = `${boot}/loader/entries`;
  for (const file of fs.readdirSync(directory).filter(one => one.includes(`-${id}+`)))
    fs.renameSync(`${directory}/${file}`, `${directory}/${file.replace(/\+.*/, '+0-3.conf')}`);
}
