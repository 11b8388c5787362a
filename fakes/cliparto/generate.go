package cliparto

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/brianvoe/gofakeit/v6"

	"github.com/mediasandbox/sandbox/fakes"
)

// How much there is in a fresh world: enough that DownloadsList can be asked for its
// most, and that every month of half a year has something.
const (
	someImages   = 36
	someSales    = 140
	someReleases = 6
	payoutFrom   = cents(5000) // the balance that is paid out on the 10th of a month
)

// The objects that the contract's examples name. Those of the default tenant have
// exactly these ids, whatever its seed.
const (
	firstImage   = 3_120_451
	firstRelease = 8_701
	firstFile    = "red_apple"
	firstTitle   = "Red apple on a white background"
)

// New returns a world with a portfolio and a history that ends at env.Born. No review
// runs in it and no sale lies ahead, so that nothing changes unless somebody acts;
// three files wait on FTP.
func New(env fakes.Env) *World {
	g := generator{env: env, born: moment(env.Born.Truncate(time.Second))}
	if !env.Default {
		g.shift = int64(g.seed("ids", 0)%9000+1) * 1000
	}
	w := &World{
		FTP:   []string{"DSC_8101.jpg", "DSC_8102.jpg", "harbour_night.eps"},
		Asked: map[string][]Asked{},
	}
	g.releases(w)
	g.images(w)
	g.sales(w)
	// What is generated satisfies Restore, which a test holds for many seeds.
	_ = w.Restore(env)
	g.payouts(w)
	return w
}

// generator makes the objects of a fresh world, each from a source of its own.
type generator struct {
	env     fakes.Env
	born    time.Time
	shift   int64 // what ids differ by from the default tenant's
	subject []string
}

// seed derives a seed for one object, so that it does not depend on the others.
func (g *generator) seed(kind string, id int) uint64 {
	h := fnv.New64a()
	h.Write([]byte(kind))
	return g.env.Seed ^ h.Sum64() + uint64(id)*0x9e3779b97f4a7c15
}

func (g *generator) faker(kind string, id int) *gofakeit.Faker {
	return gofakeit.NewCustom(&source{rand.NewPCG(g.seed(kind, id), uint64(id))})
}

// source makes a cheap source of gofakeit's: its own takes longer to seed than a whole
// world may take.
type source struct{ *rand.PCG }

func (s *source) Int63() int64    { return int64(s.Uint64() >> 1) }
func (s *source) Seed(seed int64) { s.PCG.Seed(uint64(seed), 0) }

func (g *generator) releases(w *World) {
	for i := range someReleases {
		f := g.faker("release", i)
		r := Release{ID: firstRelease + g.shift + int64(i), Type: modelRelease, Title: f.FirstName() + " " + f.LastName()}
		if i%2 == 1 {
			r.Type, r.Title = propertyRelease, capital(f.RandomString(adjectives())+" "+f.RandomString(subjects()))
		}
		w.Releases = append(w.Releases, r)
	}
}

// images are approved one after another, some eleven days apart, the last one a few
// days before the world begins. Every twelfth was rejected.
func (g *generator) images(w *World) {
	id := firstImage + g.shift
	for i := range someImages {
		f := g.faker("image", i)
		subject := f.RandomString(adjectives()) + " " + f.RandomString(subjects())
		decided := g.born.AddDate(0, 0, -11*(someImages-i)).Add(time.Duration(f.Number(0, 9*24*60)) * time.Minute)
		img := &Image{
			ID: id, FileName: strings.ReplaceAll(subject, " ", "_") + "_" + f.DigitN(4), Title: capital(subject + " " + f.RandomString(settings())),
			Browsed: f.Number(20, 900), Submitted: decided.Add(-reviewTime), Decided: decided, Rejected: i%12 == 7, Announced: true,
		}
		img.Uploaded = img.Submitted.Add(-time.Duration(f.Number(10, 2000)) * time.Minute)
		if i == 0 {
			img.FileName, img.Title, subject = firstFile, firstTitle, "red apple"
		}
		if i%7 > 3 {
			img.Series = 500 + g.shift/1000 + int64(i/7)
		}
		if i%5 == 2 {
			img.Releases = []int64{w.Releases[f.Number(0, someReleases-1)].ID}
		}
		w.Images = append(w.Images, img)
		g.subject = append(g.subject, subject)
		id += int64(f.Number(1, 9))
	}
}

// sales lie some 27 hours apart, the latest one hours before the world begins.
func (g *generator) sales(w *World) {
	at := g.born
	for i := range someSales {
		f := g.faker("sale", i)
		at = at.Add(-time.Duration(f.Number(3*60*60, 51*60*60)) * time.Second)
		from := g.sellable(w, at)
		if len(from) == 0 {
			break
		}
		// The lesser of two: what has been there for longer sells better.
		image := from[min(f.Number(0, len(from)-1), f.Number(0, len(from)-1))]
		size := f.Number(0, len(sizes())-1)
		s := Sale{
			At: at, ImageID: w.Images[image].ID, License: licenses()[0], Size: sizes()[size], Cents: prices()[size],
			Country: f.RandomString(countries()),
		}
		if size >= extendedFrom && f.Number(1, 8) == 1 {
			s.License, s.Cents = licenses()[1], extendedPrice
		}
		switch words := strings.Fields(g.subject[image]); f.Number(0, 5) {
		case 0: // the buyer came another way
		case 1:
			s.Query = words[len(words)-1]
		default:
			s.Query = g.subject[image]
		}
		w.Sales = append(w.Sales, s)
	}
	slices.Reverse(w.Sales)
}

// sellable returns the positions of the images that are approved at a time.
func (g *generator) sellable(w *World, at time.Time) []int {
	out := make([]int, 0, someImages)
	for i, img := range w.Images {
		if img.Status(at) == approved {
			out = append(out, i)
		}
	}
	return out
}

// payouts are made on the 10th of a month when the balance is worth it.
func (g *generator) payouts(w *World) {
	if len(w.Sales) == 0 {
		return
	}
	first := w.Sales[0].At
	for at := time.Date(first.Year(), first.Month(), 10, 12, 0, 0, 0, time.UTC); at.Before(g.born); at = at.AddDate(0, 1, 0) {
		if b := w.balance(at); b >= payoutFrom {
			_ = w.AddPayout(Payout{At: at, Cents: int64(b)}) // the balance covers itself
		}
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
