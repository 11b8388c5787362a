package signature

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"net/url"
	"strings"
)

// Bounds on the accounts of others: up to fewOthers take part in pairs, up to
// manyOthers are tried alone.
const (
	fewOthers  = 8
	manyOthers = 400
)

// secretTwists are the ways of taking another secret than the account's. name is
// what the vendor calls it.
func secretTwists(name, secret, account string) []twist {
	remedy := "Use the " + name + " exactly as the vendor shows it, as plain text."
	row := func(id, detail, value, shown string) twist {
		return twist{Mistake{id, detail, remedy}, groupSecret, func(f *formula) { f.secret, f.shown = value, shown }}
	}
	out := []twist{
		row("secret-with-blank", "The "+name+" was used with a blank behind it.", secret+" ", masked+" "),
		row("secret-with-blank", "The "+name+" was used with a blank in front of it.", " "+secret, " "+masked),
		row("secret-with-line-end", "The "+name+" was used with a line end behind it, as files are read.", secret+"\n", masked+"\n"),
		row("secret-with-line-end", "The "+name+" was used with a line end (CR LF) behind it.", secret+"\r\n", masked+"\r\n"),
		row("secret-quoted", "The "+name+" was used with double quotes around it.", `"`+secret+`"`, `"`+masked+`"`),
		row("secret-quoted", "The "+name+" was used with single quotes around it.", `'`+secret+`'`, `'`+masked+`'`),
		row("secret-trimmed", "The "+name+" was used without the blanks that belong to it.", strings.TrimSpace(secret), masked),
		row("secret-lower-case", "The "+name+" was used in lower case.", strings.ToLower(secret), masked),
		row("secret-upper-case", "The "+name+" was used in upper case.", strings.ToUpper(secret), masked),
		row("secret-base64-encoded", "The "+name+" was base64-encoded first.", base64.StdEncoding.EncodeToString([]byte(secret)), masked),
		row("secret-hex-encoded", "The "+name+" was written in hexadecimal digits first.", hex.EncodeToString([]byte(secret)), masked),
		row("secret-url-encoded", "The "+name+" was URL-encoded first.", url.QueryEscape(secret), masked),
		row("account-id-for-secret", "The account's id was used in place of the "+name+".", account, masked),
	}
	if raw, _ := decodeBase64(secret); raw != nil {
		out = append([]twist{row("secret-base64-decoded", "The "+name+" was base64-decoded first: it looks like base64 but is plain text.",
			string(raw), masked)}, out...)
	}
	if raw, err := hex.DecodeString(secret); err == nil && len(raw) > 0 {
		out = append(out, row("secret-hex-decoded", "The "+name+" was taken for hexadecimal digits and decoded first.", string(raw), masked))
	}
	return out
}

// placeTwists are the ways of putting the secret in another place than behind the
// string (hmac false) or into the key of an HMAC (hmac true).
func placeTwists(name string, hmac bool) []twist {
	row := func(id, detail, remedy string, p place) twist {
		return twist{Mistake{id, detail, remedy}, groupPlace, func(f *formula) { f.place = p }}
	}
	if hmac {
		use := "Make an HMAC: the " + name + " is its key, salt followed by timestamp its message."
		return []twist{
			row("hmac-swapped", "Key and message of the HMAC are swapped.", use, placeHMACSwapped),
			row("hash-for-hmac", "A plain digest was made of the message followed by the "+name+".", use, placeAppend),
			row("hash-for-hmac", "A plain digest was made of the "+name+" followed by the message.", use, placePrepend),
			row("secret-missing", "A plain digest was made of the message, without the "+name+".", use, placeNone),
		}
	}
	use := "Append the " + name + " to the end of the string, once, and hash the whole."
	return []twist{
		row("secret-missing", "The "+name+" is missing from the string.", use, placeNone),
		row("secret-prepended", "The "+name+" was put in front of the string.", use, placePrepend),
		row("secret-twice", "The "+name+" was put at both ends of the string.", use, placeBoth),
		row("hmac-for-hash", "An HMAC was made with the "+name+" as its key.", use, placeHMAC),
		row("hmac-swapped", "An HMAC was made with the string as its key and the "+name+" as its message.", use, placeHMACSwapped),
	}
}

// otherAccount says that another account's secret was used.
func otherAccount(name, account string) func(Credential) Mistake {
	return func(c Credential) Mistake {
		return Mistake{"secret-of-another-account",
			fmt.Sprintf("The %s of account %s was used; the request names %s.", name, brief(c.ID), brief(account)),
			"Use id and " + name + " of one and the same account."}
	}
}

// otherTwists are the secrets of accounts other than the one named; mistake says what it
// is to use one.
func otherTwists(account string, in Context, mistake func(Credential) Mistake) ([]twist, iter.Seq[twist]) {
	none := func(func(twist) bool) {}
	if in.Others == nil {
		return nil, none
	}
	others := in.Others()
	try := func(c Credential) twist {
		return twist{mistake(c), groupSecret, func(f *formula) { f.secret, f.shown, f.known = c.Secret, masked, true }}
	}
	usable := func(c Credential) bool { return c.ID != account && c.Secret != "" }
	if len(others) <= fewOthers {
		var few []twist
		for _, c := range others {
			if usable(c) {
				few = append(few, try(c))
			}
		}
		return few, none
	}
	return nil, func(yield func(twist) bool) {
		for _, c := range others[:min(len(others), manyOthers)] {
			if usable(c) && !yield(try(c)) {
				return
			}
		}
	}
}

// account looks the caller's secret up, also under spellings that only blanks or
// case tell from a known id.
func account(caller string, in Context) (secret string, known bool, mistakes []Mistake) {
	if secret, ok := in.lookup(caller); ok {
		return secret, true, nil
	}
	if caller == "" {
		return "", false, nil
	}
	for _, id := range []string{strings.TrimSpace(caller), strings.ToLower(caller), strings.ToUpper(caller)} {
		if id == caller {
			continue
		}
		if secret, ok := in.lookup(id); ok {
			return secret, true, []Mistake{{"account-misspelt",
				fmt.Sprintf("No account is called %s, but one is called %s.", brief(caller), brief(id)),
				"Send the account's id without blanks and in its own case."}}
		}
	}
	if in.Others != nil {
		for _, c := range in.Others() {
			if c.ID == caller {
				return c.Secret, c.Secret != "", []Mistake{{"account-of-another-tenant",
					fmt.Sprintf("Account %s belongs to another tenant of the sandbox.", brief(caller)),
					"Use the credentials of the tenant whose base URL the request goes to."}}
			}
		}
	}
	return "", false, []Mistake{{"account-unknown",
		fmt.Sprintf("No account is called %s.", brief(caller)),
		"Use credentials that the sandbox lists for this tenant."}}
}
