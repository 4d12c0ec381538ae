import { AptLayerError } from '../errors/index.ts';
import { loadLibrary } from './native.ts';

type Bind<T> = (library: ReturnType<typeof loadLibrary>) => T;

/** The functions of a library, bound once: koffi keeps every prototype it is ever given. HOST_UNSUPPORTED names the package that has it. */
export function bound<T>(name: string, debianPackage: string, bind: Bind<T>): () => T {
  let functions: T | undefined;
  return () => {
    functions ??= bind(openLibrary(name, debianPackage));
    return functions;
  };
}

function openLibrary(name: string, debianPackage: string): ReturnType<typeof loadLibrary> {
  try {
    return loadLibrary(name);
  } catch (error) {
    throw new AptLayerError('HOST_UNSUPPORTED', `${name} is not installed`, {
      hint: `apt-get install ${debianPackage}`,
      cause: error,
    });
  }
}
