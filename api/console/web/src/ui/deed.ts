// Something done at a press of a button: whether it is under way, and what went wrong with it.
import { useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';

export interface Deed<Of> {
  isBusy: boolean;
  fault: Error | undefined;
  forget: () => void;
  /** Resolves to whether it was done. */
  start: (of: Of) => Promise<boolean>;
}

/** Not randomUUID, which browsers keep from pages that came over plain HTTP. */
const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].join('-');

const isUnanswered = (fault: unknown) => fault instanceof ApiError && fault.status === 0;

/**
 * `run` gets a key for its POST. It is the same one again after a try whose answer did not come, so that
 * what was done then is not done twice.
 */
export const useDeed = <Of = void>(run: (key: string, of: Of) => Promise<unknown>): Deed<Of> => {
  const key = useRef(newKey());
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Error>();
  const start = async (of: Of) => {
    setBusy(true);
    setFault(undefined);
    try {
      await run(key.current, of);
      key.current = newKey();
      return true;
    } catch (thrown) {
      if (!isUnanswered(thrown)) key.current = newKey();
      setFault(thrown as Error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, fault, forget: () => setFault(undefined), start };
};
