package cliparto

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/internal/contract"
)

const textType = "text/html; charset=UTF-8"

func TestConformance(t *testing.T) { fakestest.Run(t, API(), fakestest.Suite{}) }

func TestConformanceWithoutLimits(t *testing.T) {
	fakestest.Run(t, API(), fakestest.Suite{Options: []fakestest.Option{fakestest.With("cliparto", "limits", "off")}})
}

func TestPageSample(t *testing.T) {
	for _, url := range []string{
		"https://cliparto.com/apiq/?id=176050&q=BalanceCurrent&md5=372aadd1bad841a7c898b57dbbecab44",
		"https://www.cliparto.com/apiq/?id=176050&q=BalanceCurrent&md5=372AADD1BAD841A7C898B57DBBECAB44",
		"http://127.0.0.1:7311/cliparto/apiq?md5=372aadd1bad841a7c898b57dbbecab44&q=BalanceCurrent&id=176050&ext=",
	} {
		b := fakestest.New(t, API())
		reply := b.SendHTTP(httptest.NewRequest(http.MethodGet, url, nil))
		assert.Equal(t, http.StatusOK, reply.Code)
		assert.Equal(t, textType, reply.Header().Get("Content-Type"))
		assert.Regexp(t, `^[0-9]+\.[0-9]{2}$`, reply.Body.String())
	}
}

func TestOrderOfChecks(t *testing.T) {
	rows := []struct{ name, query, want string }{
		{"id", "q=x", "ERROR: id is missing"},
		{"id empty", "id=&q=BalanceCurrent&md5=x", "ERROR: id is missing"},
		{"q", "id=1", "ERROR: q is missing"},
		{"q unknown", "id=1&q=balancecurrent", "ERROR: unknown q"},
		{"q of a repeated name: the last", "id=176050&q=BalanceCurrent&q=x&md5=372aadd1bad841a7c898b57dbbecab44", "ERROR: unknown q"},
		{"md5", "id=1&q=BalanceCurrent", "ERROR: md5 is missing"},
		{"user", "id=1&q=BalanceCurrent&md5=x", "ERROR: unknown id"},
		{"user with zeros", "id=0176050&q=BalanceCurrent&md5=372aadd1bad841a7c898b57dbbecab44", "ERROR: unknown id"},
		{"hash", "id=176050&q=BalanceCurrent&md5=x", "ERROR: wrong md5"},
		{"hash without ext", "id=176050&q=BalanceCurrent&ext=1&md5=372aadd1bad841a7c898b57dbbecab44", "ERROR: wrong md5"},
	}
	b := fakestest.New(t, API())
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			reply := b.SendHTTP(httptest.NewRequest(http.MethodGet, "http://cliparto.localhost/apiq/?"+r.query, nil))
			assert.Equal(t, r.want, reply.Body.String())
			assert.Equal(t, http.StatusOK, reply.Code)
			assert.Equal(t, textType, reply.Header().Get("Content-Type"))
		})
	}
	t.Run("a refusal after the hash comes after the limits", func(t *testing.T) {
		assert.Equal(t, "ext-malformed", b.Call("ImageData", map[string]string{"ext": "x"}).Outcome)
		assert.Equal(t, "too-frequent", b.Call("ImageData", map[string]string{"ext": "x"}).Outcome)
		b.Host.Default().Clock.Advance(pace)
		assert.Equal(t, "repeated", b.Call("ImageData", map[string]string{"ext": "x"}).Outcome)
	})
}

func TestOtherMethodsAndAddresses(t *testing.T) {
	b := fakestest.New(t, API())
	query := "?id=176050&q=BalanceCurrent&md5=372aadd1bad841a7c898b57dbbecab44"
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		reply := b.SendHTTP(httptest.NewRequest(method, "http://cliparto.localhost/apiq/"+query, nil))
		assert.Equal(t, http.StatusMethodNotAllowed, reply.Code, method)
		assert.Equal(t, "ERROR: method not allowed", reply.Body.String(), method)
		assert.Equal(t, textType, reply.Header().Get("Content-Type"), method)
	}
	reply := b.SendHTTP(httptest.NewRequest(http.MethodGet, "http://cliparto.localhost/index.php"+query, nil))
	assert.Equal(t, http.StatusNotFound, reply.Code)
	assert.Equal(t, "ERROR: unknown path", reply.Body.String())
	// None of them counted.
	assert.Equal(t, "amount", b.Call("BalanceCurrent", nil).Outcome)
}

// The contract says which ext a query type takes; these are the edges.
func TestExt(t *testing.T) {
	rows := []struct{ op, ext, want string }{
		{"DownloadsList", "1", "downloads-listed"},
		{"DownloadsList", "100", "downloads-listed"},
		{"DownloadsList", "010", "downloads-listed"},
		{"DownloadsList", "", "downloads-listed"},
		{"DownloadsList", "0", "ext-out-of-range"},
		{"DownloadsList", "101", "ext-out-of-range"},
		{"DownloadsList", "-1", "ext-out-of-range"},
		{"DownloadsList", "99999999999999999999", "ext-out-of-range"},
		{"DownloadsList", "abc", "ext-malformed"},
		{"DownloadsList", "1.5", "ext-malformed"},
		{"DownloadsList", "+5", "ext-malformed"},
		{"DownloadsList", " 5", "ext-malformed"},
		{"DownloadsList", "-", "ext-malformed"},
		{"DownloadsList", "--1", "ext-malformed"},
		{"ImageData", "3120451", "image-data"},
		{"ImageData", "03120451", "image-data"},
		{"ImageData", "", "ext-missing"},
		{"ImageData", "x", "ext-malformed"},
		{"ImageData", "-3120451", "ext-malformed"},
		{"ImageData", "0", "not-found"},
		{"ImageData", "3120450", "not-found"},
		{"ImageData", "99999999999999999999", "not-found"},
		{"ImageIDByFileName", "red_apple", "image-found"},
		{"ImageIDByFileName", "Red_apple", "not-found"},
		{"ImageIDByFileName", "red_apple.jpg", "not-found"},
		{"ImageIDByFileName", "DSC_8101", "not-found"}, // still on FTP
		{"ImageIDByFileName", "", "ext-missing"},
		{"AttachReleaseToImage", "8701:3120451", "release-attached"},
		{"AttachReleaseToImage", "", "ext-missing"},
		{"AttachReleaseToImage", "8701", "ext-malformed"},
		{"AttachReleaseToImage", ":", "ext-malformed"},
		{"AttachReleaseToImage", "8701:", "ext-malformed"},
		{"AttachReleaseToImage", "8701:3120451:1", "ext-malformed"},
		{"AttachReleaseToImage", "8701;3120451", "ext-malformed"},
		{"AttachReleaseToImage", "3120451:8701", "not-found"},
		{"AttachReleaseToImage", "8701:1", "not-found"},
		{"AttachReleaseToImage", "99999999999999999999:3120451", "not-found"},
		{"BalanceCurrent", "whatever it is", "amount"},
		{"ReleasesList", "1;2", "releases-listed"},
	}
	b := fakestest.New(t, API())
	for _, r := range rows {
		t.Run(r.op+" "+r.ext, func(t *testing.T) {
			b.Host.Reset(b.Host.Default())
			reply := b.Call(r.op, map[string]string{"ext": r.ext})
			assert.Equal(t, r.want, reply.Outcome, "%s", reply.Body)
			assert.Equal(t, http.StatusOK, reply.Code)
		})
	}
	assert.Empty(t, b.Breaches())
}

func TestAccounts(t *testing.T) {
	def := accounts(fakes.Env{Default: true, Tenant: "default", Seed: 7})
	assert.Equal(t, map[string]string{"id": "176050", "api_code": "8zn2eBj90M0F"}, def[0].Credential)
	seen := map[string]bool{}
	for i := range 200 {
		env := fakes.Env{Tenant: fmt.Sprintf("t%d", i/2), Seed: uint64(i%2 + 1)}
		a := accounts(env)[0]
		assert.Equal(t, a, accounts(env)[0], "a pure function")
		assert.Regexp(t, `^[1-9][0-9]{11}$`, a.ID)
		assert.Regexp(t, `^[0-9A-Za-z]{12}$`, a.Secret)
		assert.False(t, seen[a.ID])
		seen[a.ID] = true
	}
}

func TestTenantsAreApart(t *testing.T) {
	b := fakestest.New(t, API())
	other, err := b.Host.AddTenant(fakes.NewTenant{ID: "other"})
	require.NoError(t, err)
	call := func(tenant *fakes.Tenant, op, ext string) fakestest.Reply {
		tenant.Clock.Advance(2 * time.Hour)
		req := b.Request(op, map[string]string{"ext": ext})
		if ext == "" {
			req = b.Request(op, nil)
		}
		return b.Send(b.Sign(req, b.Credential(tenant), tenant.Clock.Now()))
	}
	assert.Equal(t, "not-found", call(other, "ImageData", "3120451").Outcome, "another tenant's image")
	id := call(other, "ImageIDByFileName", "red_apple").Body.String()
	assert.Equal(t, "image-data", call(other, "ImageData", id).Outcome)
	assert.Equal(t, "not-found", call(b.Host.Default(), "ImageData", id).Outcome)
	assert.NotEqual(t, call(other, "DownloadsList", "").Body.String(), call(b.Host.Default(), "DownloadsList", "").Body.String())
}

// The hash is over decoded values, in whatever spelling they arrive.
func TestNamesInManyScripts(t *testing.T) {
	b := fakestest.New(t, API(), fakestest.With("cliparto", "limits", "off"))
	require.NoError(t, b.Host.With(b.Host.Default(), "cliparto", func(w fakes.World, _ time.Time) error {
		return w.(*World).UploadFTP("Снимок 1 + 2; &=%.jpg")
	}))
	assert.Equal(t, "4", b.Call("ProcessFilesFromFTP", nil).Body.String())
	assert.Equal(t, "4", b.Call("SubmitToPending", nil).Body.String())
	b.Host.Default().Clock.Advance(reviewTime)
	id := b.Call("ImageIDByFileName", map[string]string{"ext": "Снимок 1 + 2; &=%"})
	require.Equal(t, "image-found", id.Outcome)
	data := b.Call("ImageData", map[string]string{"ext": id.Body.String()})
	assert.Equal(t, "approved;Снимок 1 + 2  &=%;0;0;0.00;0;Снимок 1 + 2  &=%", data.Body.String())
	assert.Empty(t, b.Breaches())
}

func TestEveryQueryTypeIsThere(t *testing.T) {
	b := fakestest.New(t, API())
	require.Len(t, b.Doc.Operations, 17)
	for _, op := range b.Doc.Operations {
		assert.Equal(t, []contract.Pin{{Name: "q", Value: op.ID, In: contract.InQuery}}, op.Pins)
		assert.Equal(t, []string{"/apiq"}, op.Aliases)
	}
}
