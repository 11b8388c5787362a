package signature

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
)

// wire is how a vendor wants a digest written.
type wire int

const (
	wireUpperHex wire = iota
	wireLowerHex
	wireAnyHex
	wireBase64
)

// String names the form for a sentence.
func (w wire) String() string {
	switch w {
	case wireUpperHex:
		return "upper-case hexadecimal digits"
	case wireLowerHex:
		return "lower-case hexadecimal digits"
	case wireAnyHex:
		return "hexadecimal digits"
	}
	return "base64 of the raw digest"
}

// reading is one way to understand a signature that was sent: the bytes of the
// digest, and what is wrong with the way they were written.
type reading struct {
	raw      []byte
	algo     algo
	mistakes []Mistake
	guess    bool // not believed unless the search proves it
}

// readDigest understands what was sent under a parameter where a digest of algo in
// the form want belongs. The form tells the encoding and the length tells the
// algorithm, so that neither costs the search a candidate. It returns no reading
// for what cannot be a digest.
func readDigest(param, sent string, want wire, algo algo) []reading {
	for _, v := range spellings(param, sent, want) {
		var out []reading
		for _, d := range decodings(param, v.text, want, algo) {
			d.mistakes = append(append([]Mistake(nil), v.mistakes...), d.mistakes...)
			out = append(out, d)
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// spelling is what was sent after one repair.
type spelling struct {
	text     string
	mistakes []Mistake
}

// spellings lists what was sent, as it is and repaired in the ways in which
// transport and copying spoil it.
func spellings(param, sent string, want wire) []spelling {
	out := []spelling{{text: sent}}
	add := func(text, name, detail, remedy string) {
		if text != sent && text != "" {
			out = append(out, spelling{text, []Mistake{{name, detail, remedy}}})
		}
	}
	plus := func() {
		add(strings.ReplaceAll(sent, " ", "+"), "plus-became-blank",
			fmt.Sprintf("%s arrived with blanks where base64 has plus signs.", param),
			"URL-encode the signature, so that + travels as %2B.")
	}
	if want == wireBase64 {
		plus() // a digest may begin with a plus, so this comes before trimming
	}
	if decoded, err := url.PathUnescape(sent); err == nil {
		add(decoded, "signature-encoded-twice",
			fmt.Sprintf("%s arrived still URL-encoded.", param),
			"URL-encode the signature once only; the HTTP library may do so already.")
	}
	add(strings.Trim(sent, " \t\r\n\"'"), "signature-padded",
		fmt.Sprintf("%s has blanks, line ends or quotes around it.", param),
		"Send the bare digest.")
	add(strings.NewReplacer(" ", "", "\n", "", "\r", "", "\t", "").Replace(sent), "signature-broken-up",
		fmt.Sprintf("%s has blanks or line breaks inside.", param),
		"Send the digest in one piece; some base64 encoders break lines after 76 characters.")
	add(strings.NewReplacer("-", "", ":", "", " ", "").Replace(sent), "digest-separated",
		fmt.Sprintf("The bytes of %s are separated, as BitConverter.ToString of .NET writes them.", param),
		"Remove the separators between the bytes.")
	add(strings.TrimPrefix(strings.TrimPrefix(sent, "0x"), "0X"), "digest-prefixed",
		fmt.Sprintf("%s begins with 0x.", param),
		"Send the digits alone.")
	if want != wireBase64 {
		plus()
	}
	return out
}

// decodings reads text as a digest, in every encoding that it can be.
func decodings(param, text string, want wire, vendor algo) []reading {
	var out []reading
	add := func(raw []byte, mistakes ...Mistake) {
		r := reading{raw: raw, algo: algo(len(raw)), mistakes: mistakes}
		if r.algo != vendor {
			r.mistakes = append(r.mistakes, wrongAlgorithm(r.algo, vendor))
		}
		out = append(out, r)
	}
	if raw, err := hex.DecodeString(text); err == nil && isAlgo(len(raw)) {
		add(raw, hexMistakes(param, text, want)...)
	} else if raw, ok := hexWithoutZeros(text, vendor); ok {
		add(raw, append(hexMistakes(param, text, want), Mistake{"digest-zeros-lost",
			fmt.Sprintf("%s has %d digits, not %d: leading zeros are missing.", param, len(text), 2*int(vendor)),
			"Pad the digest with zeros on the left to its full length; number types drop them."})...)
		out[len(out)-1].guess = true
	}
	raw, mistakes := decodeBase64(text)
	switch {
	case raw == nil:
	case isHexText(raw):
		inner, _ := hex.DecodeString(string(raw))
		add(inner, Mistake{"digest-base64-of-hex",
			fmt.Sprintf("%s is the base64 of hexadecimal digits.", param),
			"Write the raw digest as " + want.String() + "."})
	case isAlgo(len(raw)) && want == wireBase64:
		add(raw, mistakes...)
	case isAlgo(len(raw)):
		add(raw, Mistake{"digest-base64-for-hex",
			fmt.Sprintf("%s is base64; the vendor compares hexadecimal digits.", param),
			"Write the digest as " + want.String() + "."})
	}
	return out
}

// hexMistakes says what is wrong with a digest that was written in hexadecimal.
func hexMistakes(param, text string, want wire) []Mistake {
	var wanted, other string
	switch want {
	case wireBase64:
		return []Mistake{{"digest-hex-for-base64",
			fmt.Sprintf("%s is written in hexadecimal digits; the vendor compares base64.", param),
			"Encode the raw bytes of the digest in base64 (in PHP: hash_hmac with true as its last argument)."}}
	case wireAnyHex:
		return nil
	case wireUpperHex:
		wanted, other = "upper", "lower"
	case wireLowerHex:
		wanted, other = "lower", "upper"
	}
	remedy := "Turn the digest into " + wanted + " case."
	switch text {
	case inCase(wanted, text):
		return nil
	case inCase(other, text):
		return []Mistake{{"digest-" + other + "-case",
			fmt.Sprintf("%s is written in %s case; the vendor compares %s case.", param, other, wanted), remedy}}
	}
	return []Mistake{{"digest-mixed-case",
		fmt.Sprintf("%s mixes upper and lower case; the vendor compares %s case.", param, wanted), remedy}}
}

func inCase(which, text string) string {
	if which == "upper" {
		return strings.ToUpper(text)
	}
	return strings.ToLower(text)
}

// hexWithoutZeros reads hexadecimal digits of a number whose leading zeros were
// dropped. More than four missing are as likely as a digest that is something else.
func hexWithoutZeros(text string, vendor algo) ([]byte, bool) {
	missing := 2*int(vendor) - len(text)
	if missing < 1 || missing > 4 {
		return nil, false
	}
	raw, err := hex.DecodeString(strings.Repeat("0", missing) + text)
	return raw, err == nil
}

// wrongAlgorithm says that another algorithm was used; the length tells.
func wrongAlgorithm(used, vendor algo) Mistake {
	name := strings.ToLower(strings.ReplaceAll(used.String(), "-", ""))
	return Mistake{"digest-" + name,
		fmt.Sprintf("The signature has the length of %s; the vendor uses %s.", used, vendor),
		fmt.Sprintf("Make the digest with %s.", vendor)}
}

// decodeBase64 reads any alphabet, padded or not; nil when text is none of them.
func decodeBase64(text string) ([]byte, []Mistake) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, nil // Go passes over line ends, vendors do not
	}
	var mistakes []Mistake
	std := strings.NewReplacer("-", "+", "_", "/").Replace(text)
	if std != text {
		mistakes = append(mistakes, Mistake{"digest-base64url",
			"The signature is in the URL alphabet of base64 (- and _).",
			"Use the standard alphabet (+ and /) and URL-encode the result."})
	}
	bare := strings.TrimRight(std, "=")
	if len(std) != (len(bare)+3)/4*4 {
		mistakes = append(mistakes, Mistake{"digest-unpadded",
			"The base64 signature lacks its = padding.",
			"Keep the padding, and URL-encode it as %3D."})
	}
	raw, err := base64.RawStdEncoding.DecodeString(bare)
	if err != nil || len(raw) == 0 {
		return nil, nil
	}
	return raw, mistakes
}

// isHexText reports whether raw is a digest in hexadecimal digits.
func isHexText(raw []byte) bool {
	inner, err := hex.DecodeString(string(raw))
	return err == nil && isAlgo(len(inner))
}

// notADigest says what is wrong with a signature that no reading understands.
func notADigest(param, sent string, want wire, vendor algo) Mistake {
	length := 2 * int(vendor)
	if want == wireBase64 {
		length = base64.StdEncoding.EncodedLen(int(vendor))
	}
	return Mistake{"digest-malformed",
		fmt.Sprintf("%s has %d characters and is not %d of %s.", param, len(sent), length, want),
		fmt.Sprintf("Send the %s digest, whole, as %s.", vendor, want)}
}
