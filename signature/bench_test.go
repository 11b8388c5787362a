package signature

import (
	"strings"
	"testing"
)

// BenchmarkCheck is what every request pays.
func BenchmarkCheck(b *testing.B) {
	for _, s := range All() {
		b.Run(s.Name(), func(b *testing.B) {
			r, in := good(b, s), pageContext(noon)
			if s.Name() == "polyv" { // six parameters and the path's
				r = &Request{Operation: "x", Method: "GET", Values: query("3828390191", "vids", "3828390191de2b3fd3467c36187aac08_3",
					"start", "2012-02-03", "end", "2012-09-05", "pageNum", "1")}
				Polyv{}.Sign(r, Credential{Secret: "tIQp4ATe9Z"}, Signing{At: noon})
			}
			b.ReportAllocs()
			for b.Loop() {
				if v := s.Check(r, in); v.Refusal != "" {
					b.Fatal(v)
				}
			}
		})
	}
}

// BenchmarkExplain is the dearest diagnosis: a signature that no mistake explains.
func BenchmarkExplain(b *testing.B) {
	b.Run("polyv, 20 KB", func(b *testing.B) {
		r, in := good(b, Polyv{}), pageContext(noon)
		put(r, "sign", "50BF9B165630A8047EB1D17D95A469CC51FF754E")
		put(r, "vid", strings.Repeat("视 +&", 2500))
		for b.Loop() {
			Polyv{}.Explain(r, in)
		}
	})
	for _, s := range All() {
		b.Run(s.Name(), func(b *testing.B) {
			r, in := good(b, s), pageContext(noon)
			put(r, "sign", "50BF9B165630A8047EB1D17D95A469CC51FF754E")
			put(r, "md5", "372aadd1bad841a7c898b57dbbecab44")
			put(r, "signature", "EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI=")
			b.ReportAllocs()
			for b.Loop() {
				s.Explain(r, in)
			}
		})
	}
}
