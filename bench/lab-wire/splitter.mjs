/** Cuts a stream into messages of one size. */
export function splitter(octets, take) {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = rest.length > 0 ? Buffer.concat([rest, data]) : data;
    while (rest.length >= octets) {
      take(rest.subarray(0, octets));
      rest = rest.subarray(octets);
    }
  };
}
