import { argumentObstacle, bootUnitAt, isBootUnit } from '../../deployment/index.ts';
import { namePattern } from '../../formats/name-pattern/index.ts';
import { placeProblem } from '../apply/index.ts';
import { isExpired, isExpiring } from '../policy/index.ts';
import { isDebRequest, packageKey, type Spec } from '../spec/index.ts';

/** Something that is valid, but seldom meant. */
export interface LintFinding {
  /** Stable, for programs. */
  readonly rule: string;
  /** Key of the spec, with dots. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

/** What a rule knows beside the spec. */
interface LintContext {
  readonly hasLock: boolean;
  /** Exceptions end. */
  readonly now: Date;
  /** The name of what the machine runs that lints; undefined where nothing of the sysroot is booted. */
  readonly running?: string | undefined;
}

type Rule = (spec: Spec, context: LintContext) => readonly LintFinding[];

const SETUID_OR_SETGID = 0o6000;
const WRITABLE_BY_ALL = 0o002;
const SECRET_NAME = /passw|secret|token|credential|(?:api|private|access)_?key/i;

/** What a spec says that its author may want to look at again. */
export function lintSpec(spec: Spec, context: LintContext): LintFinding[] {
  return RULES.flatMap(rule => rule(spec, context));
}

const RULES: readonly Rule[] = [
  (_, { hasLock }) =>
    hasLock
      ? []
      : [
          {
            rule: 'no-lock',
            path: '',
            message: 'there is no lock beside the spec: each build takes what the archive has that day',
            hint: 'write one with `apt-layer compose lock`',
          },
        ],
  ({ name = 'default' }, { running = name }) =>
    name === running
      ? []
      : [
          {
            rule: 'other-name',
            path: 'name',
            message: `this machine runs ${running}, and a system called ${name} has a /var of its own, which is empty`,
            hint: `write \`name: ${running}\`, unless this is for another machine`,
          },
        ],
  ({ files }) =>
    files.flatMap((file, index) => {
      const problem = placeProblem(file);
      return problem === undefined ? [] : [{ path: `files.${index}.path`, ...problem }];
    }),
  ({ files }) =>
    files.flatMap((file, index) =>
      file.kind !== 'link' &&
      file.kind !== 'directory' &&
      (file.mode & (SETUID_OR_SETGID | WRITABLE_BY_ALL)) !== 0
        ? [
            {
              rule: 'file-mode',
              path: `files.${index}.mode`,
              message: `${file.path} is setuid, setgid or writable by everyone`,
              hint: 'is that meant?',
            },
          ]
        : [],
    ),
  ({ services, files, kernelArguments }) => {
    const hint = 'a machine of it is restarted until its attempts are used up, and goes back';
    const finding = (path: string, message: string) => ({ rule: 'boot-path', path, message, hint });
    return [
      ...services.mask.flatMap((name, index) =>
        isBootUnit(name) ? [finding(`services.mask.${index}`, `a machine needs ${name} to come up`)] : [],
      ),
      ...kernelArguments.flatMap((argument, index) => {
        const message = argumentObstacle(argument);
        return message === undefined ? [] : [finding(`kernel-arguments.${index}`, message)];
      }),
      ...files.flatMap((file, index) => {
        const unit = bootUnitAt(file.path);
        return unit === undefined
          ? []
          : [
              finding(
                `files.${index}.path`,
                `it takes the place of ${unit}, which a machine needs to come up`,
              ),
            ];
      }),
    ];
  },
  ({ maintainerScripts, layerPolicies }) => {
    const all = maintainerScripts.validationMode === 'skip' ? ['maintainer-scripts.validation-mode'] : [];
    const own = layerPolicies.flatMap(one =>
      one.validationMode === 'skip' ? [`layers (${one.package})`] : [],
    );
    return [...all, ...own].map(path => ({
      rule: 'scripts-unchecked',
      path,
      message: 'maintainer scripts are not looked at before they run',
      hint: 'use `warn`, which only reports',
    }));
  },
  ({ layers, layerPolicies }) =>
    layerPolicies.flatMap(one =>
      one.network === true
        ? [
            {
              rule: 'network-in-scripts',
              path: `layers.${layers.findIndex(request => packageKey(request) === one.package)}.network`,
              message: `scripts of ${one.package} fetch something that no lock has: builds of this spec differ`,
              hint: 'bring what they fetch by `files`, by an input of a script, or in a package of your own',
            },
          ]
        : [],
    ),
  ({ security: { images }, baseImage }) => {
    if (images === undefined) return [];
    const finding = (message: string, hint: string) => [
      { rule: 'signed-base', path: 'security.images', message, hint },
    ];
    if (baseImage.kind === 'apt')
      return finding(
        'it demands nothing of this base: apt checks the archive with its keyring',
        'it counts when the base becomes an image of a registry',
      );
    if (baseImage.kind === 'image' && baseImage.reference.transport !== 'registry')
      return finding(
        'the base cannot be signed where it is, so this is never built',
        'name the image in its registry: oci://HOST/NAME',
      );
    return [];
  },
  ({ security: { policy } }, { now }) =>
    (policy?.vulnerabilities?.except ?? []).flatMap((one, index) => {
      const ended = isExpired(one, now);
      if (!ended && !isExpiring(one, now)) return [];
      return [
        {
          rule: 'exception-ends',
          path: `security.vulnerabilities.except.${index}`,
          message: `the exception for ${one.cve} ${ended ? 'ended on' : 'ends with'} ${one.until}`,
          hint: `take the version without ${one.cve}, or decide again and give it a later day`,
        },
      ];
    }),
  ({ security: { policy } }) => {
    const { refuse = ['high'], unfixed, except = [], maxAge } = policy?.vulnerabilities ?? {};
    const says = unfixed === 'refuse' || except.length > 0 || maxAge !== undefined;
    return refuse.length > 0 || !says
      ? []
      : [
          {
            rule: 'rule-without-refuse',
            path: 'security.vulnerabilities',
            message:
              'nothing is refused, so what it says about exceptions, fixes and the age of data means nothing',
            hint: 'write `refuse: [high]` beside it',
          },
        ];
  },
  ({ layers, security: { policy } }) =>
    layers.flatMap((request, index) => {
      if (isDebRequest(request)) return [];
      const pattern = policy?.denied?.find(one => namePattern([one])(request.name));
      return pattern === undefined
        ? []
        : [
            {
              rule: 'denied-layer',
              path: `layers.${index}`,
              message: `${request.name} is denied by security.packages.deny (${pattern}), so this is never deployed`,
              hint: 'take it out of one of both',
            },
          ];
    }),
  ({ debconf }) =>
    debconf.flatMap(({ type, package: owner, question }, index) =>
      type === 'password'
        ? [
            {
              rule: 'password',
              path: `debconf.${index}`,
              message: `${owner} ${question} is a password, and everyone can read it in the image`,
              hint: 'set it when the machine boots for the first time',
            },
          ]
        : [],
    ),
  ({ baseImage }) =>
    Object.keys(baseImage.kind === 'containerfile' ? baseImage.buildArguments : {}).flatMap(name =>
      SECRET_NAME.test(name)
        ? [
            {
              rule: 'secret-build-arg',
              path: `base-image.build-args.${name}`,
              message: `${name} looks like a secret, and engines write arguments into the history of the image that they build`,
              hint: 'fetch what needs it before the build, and copy it from the context',
            },
          ]
        : [],
    ),
  ({ layers, holds }) => {
    const layered = new Set(layers.map(packageKey));
    return holds.flatMap((name, index) => {
      const request = layers.find(one => packageKey(one) === name);
      return layered.has(name) && request?.kind === 'version'
        ? [
            {
              rule: 'held-version',
              path: `holds.${index}`,
              message: `${name} is on hold and has an exact version under \`layers\``,
              hint: 'one of both is enough',
            },
          ]
        : [];
    });
  },
  ({ layers }) =>
    layers.flatMap((request, index) =>
      isDebRequest(request) && request.kind === 'file'
        ? [
            {
              rule: 'local-file',
              path: `layers.${index}`,
              message: `${request.path} has to be there whenever this is built`,
              hint: 'publish it in a repository, or give its address and SHA-256',
            },
          ]
        : [],
    ),
];
