package cliparto

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// Everything that an author has meets an end in words.
func TestBounds(t *testing.T) {
	w := fresh(t)
	w.FTP = make([]string, maxFTP)
	require.ErrorIs(t, w.UploadFTP("new.jpg"), fakes.ErrConflict)

	w = fresh(t)
	image := w.Images[0].ID
	w.Images = make([]*Image, maxImages-len(w.FTP)-1)
	require.NoError(t, w.UploadFTP("last.jpg"))
	require.ErrorIs(t, w.UploadFTP("one-more.jpg"), fakes.ErrConflict)
	w.Images = make([]*Image, maxImages+1)
	require.ErrorContains(t, w.Restore(fakes.Env{}), "at most 100000 are kept")

	w = fresh(t)
	s := Sale{At: born.Add(time.Hour), ImageID: image, License: "standard", Size: "M", Cents: 1, Country: "DE"}
	require.NoError(t, w.AddSale(s))
	sales := w.Sales
	w.Sales = make([]Sale, maxSales) // their number is all that counts
	require.ErrorIs(t, w.AddSale(s), fakes.ErrConflict)
	w.Sales = make([]Sale, maxSales+1)
	require.ErrorContains(t, w.Restore(fakes.Env{}), "at most 1000000 are kept")

	w = fresh(t)
	w.Sales = sales
	require.NoError(t, w.Restore(fakes.Env{}))
	p := Payout{At: s.At, Cents: 1}
	require.NoError(t, w.AddPayout(p))
	w.Payouts = make([]Payout, maxPayouts)
	require.ErrorIs(t, w.AddPayout(p), fakes.ErrConflict)
	assert.Len(t, w.Payouts, maxPayouts)
}
