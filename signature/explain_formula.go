package signature

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"slices"
	"strings"
)

// A formula is one way of making a digest of a request: the vendor's own, or a
// wrong one that a sender may have used. All three signing vendors' ways fit it,
// and a mistake is a small change to it (a twist).
type formula struct {
	fields []field       // what is signed
	order  func([]field) // applied to a copy of fields; nil leaves them as listed
	names  bool          // sign names as well as values
	pair   string        // between name and value
	sep    string        // between fields
	lead   string        // before the first field
	tail   string        // between the last field and an appended secret
	value  func(string) string
	whole  func(string) string // of the finished string, before the secret joins it
	place  place
	secret string
	shown  string // how the secret is shown
	known  bool   // there is a secret
	algo   algo
}

// field is one name and value in a string to sign.
type field struct {
	name, value string
	id          int    // position in the request, so that a twist can name it again
	mask        string // shown in place of the value
	secret      bool   // the value is the secret
}

// place says where the secret goes.
type place int

const (
	placeAppend place = iota
	placePrepend
	placeBoth
	placeNone
	placeHMAC        // the key of an HMAC over the string
	placeHMACSwapped // the message of an HMAC whose key is the string
)

// algo is a digest algorithm, told by its length in bytes.
type algo int

const (
	algoMD5    algo = md5.Size
	algoSHA1   algo = sha1.Size
	algoSHA256 algo = sha256.Size
	algoSHA512 algo = sha512.Size
)

// String returns the algorithm's usual name.
func (a algo) String() string {
	switch a {
	case algoMD5:
		return "MD5"
	case algoSHA1:
		return "SHA-1"
	case algoSHA256:
		return "SHA-256"
	}
	return "SHA-512"
}

// isAlgo reports whether a digest can have that many bytes.
func isAlgo(n int) bool {
	switch algo(n) {
	case algoMD5, algoSHA1, algoSHA256, algoSHA512:
		return true
	}
	return false
}

func (a algo) new() hash.Hash {
	switch a {
	case algoMD5:
		return md5.New()
	case algoSHA1:
		return sha1.New()
	case algoSHA256:
		return sha256.New()
	}
	return sha512.New()
}

// sum appends the digest of text to dst.
func (a algo) sum(dst, text []byte) []byte {
	switch a {
	case algoMD5:
		s := md5.Sum(text)
		return append(dst, s[:]...)
	case algoSHA1:
		s := sha1.Sum(text)
		return append(dst, s[:]...)
	case algoSHA256:
		s := sha256.Sum256(text)
		return append(dst, s[:]...)
	}
	s := sha512.Sum512(text)
	return append(dst, s[:]...)
}

// scratch is memory used again from one candidate to the next.
type scratch struct {
	fields []field
	text   []byte
	sum    []byte
	work   int                  // bytes handled so far
	macs   map[macKey]hash.Hash // an HMAC's key costs more than its message
}

// changing is what it costs to change a value (encode it, say), in bytes copied and
// hashed.
const changing = 8

type macKey struct {
	algo   algo
	secret string
}

// mac returns an HMAC under a key, fresh.
func (mem *scratch) mac(k macKey) hash.Hash {
	if h, ok := mem.macs[k]; ok {
		h.Reset()
		return h
	}
	if mem.macs == nil {
		mem.macs = map[macKey]hash.Hash{}
	}
	h := hmac.New(k.algo.new, []byte(k.secret))
	mem.macs[k] = h
	return h
}

// body appends the string of the fields, without an appended or prepended secret.
// show draws it for people.
func (f *formula) body(dst []byte, mem *scratch, show bool) []byte {
	mem.fields = append(mem.fields[:0], f.fields...)
	if f.order != nil {
		f.order(mem.fields)
	}
	start := len(dst)
	dst = append(dst, f.lead...)
	for i := range mem.fields {
		x := &mem.fields[i]
		if i > 0 {
			dst = append(dst, f.sep...)
		}
		if f.names {
			dst = append(dst, x.name...)
			dst = append(dst, f.pair...)
		}
		switch {
		case x.secret && show:
			dst = append(dst, f.shown...)
		case x.secret:
			dst = append(dst, f.secret...)
		case show && x.mask != "":
			dst = append(dst, x.mask...)
		case f.value != nil && show:
			dst = append(dst, shownBytes(f.value(x.value))...)
		case show:
			dst = append(dst, shownBytes(x.value)...)
		case f.value != nil:
			dst = append(dst, f.value(x.value)...)
			mem.work += changing * len(x.value)
		default:
			dst = append(dst, x.value...)
		}
	}
	mem.work += len(dst) - start
	if f.whole != nil {
		mem.work += changing * (len(dst) - start)
		return append(dst[:start], f.whole(string(dst[start:]))...)
	}
	return dst
}

// join appends the string to hash, with the secret (or what is shown for it) in it
// where its place is in the string.
func (f *formula) join(dst []byte, mem *scratch, show bool) []byte {
	secret := f.secret
	if show {
		secret = f.shown
	}
	if f.place == placePrepend || f.place == placeBoth {
		dst = append(dst, secret...)
	}
	dst = f.body(dst, mem, show)
	if f.place == placeAppend || f.place == placeBoth {
		dst = append(dst, f.tail...)
		dst = append(dst, secret...)
	}
	return dst
}

// digest returns the formula's digest; it stays valid until mem is used again.
func (f *formula) digest(mem *scratch) []byte {
	mem.text = f.join(mem.text[:0], mem, false)
	switch f.place {
	case placeHMAC:
		mac := mem.mac(macKey{f.algo, f.secret})
		mac.Write(mem.text)
		mem.sum = mac.Sum(mem.sum[:0])
	case placeHMACSwapped:
		mac := hmac.New(f.algo.new, mem.text)
		mac.Write([]byte(f.secret))
		mem.sum = mac.Sum(mem.sum[:0])
	default:
		mem.sum = f.algo.sum(mem.sum[:0], mem.text)
	}
	return mem.sum
}

// show returns the string that is signed, for people: secrets stand in it as
// "<secret>".
func (f *formula) show() string {
	var mem scratch
	if f.place == placeHMACSwapped {
		return f.shown
	}
	return string(f.join(nil, &mem, true))
}

// without returns fields but those that drop names.
func without(fields []field, drop func(field) bool) []field {
	out := make([]field, 0, len(fields))
	for _, x := range fields {
		if !drop(x) {
			out = append(out, x)
		}
	}
	return out
}

// withoutAll returns fields but the given ones.
func withoutAll(fields, drop []field) []field {
	return without(fields, func(x field) bool {
		return slices.ContainsFunc(drop, func(y field) bool { return x.id == y.id && x.name == y.name })
	})
}

// with returns fields and more.
func with(fields []field, more ...field) []field {
	return append(slices.Clip(fields), more...)
}

// replaced returns fields with another value for one name.
func replaced(fields []field, name, value string) []field {
	out := slices.Clone(fields)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
		}
	}
	return out
}

// namesOf lists the names of fields, for a sentence.
func namesOf(fields []field) string {
	var names []string
	for _, x := range fields {
		names = append(names, brief(x.name))
	}
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	return strings.Join(names, ", ")
}

// byName sorts as the vendor does.
func byName(fields []field) {
	slices.SortStableFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
}
