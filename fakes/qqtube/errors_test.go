package qqtube

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
)

func TestMerge(t *testing.T) {
	one := []byte(`{"status":"error","messages":[{"id":30,"message":"A \"messages\" \u00e9 \/"},{"id":32,"message":"B"}]}`)
	two := []byte(`{"status":"error","messages":[{"id":32,"message":"B"},{"id":7,"message":"C"}]}`)
	assert.Equal(t,
		`{"status":"error","messages":[{"id":30,"message":"A \"messages\" \u00e9 \/"},{"id":32,"message":"B"},{"id":7,"message":"C"}]}`,
		string(merge([][]byte{one, two})))
	assert.Equal(t, string(one), string(merge([][]byte{one})))
	assert.Equal(t, string(one), string(merge([][]byte{one, one})))
	assert.Equal(t, `{"status":"error","messages":[]}`, string(merge(nil)))
	assert.Equal(t, string(one), string(merge([][]byte{[]byte(`nonsense`), one, []byte(`[]`), nil})))
}

func TestFinishRenamesTheKeyOfErrorsOnly(t *testing.T) {
	const body = `{"status":"messages","x":{"messages":1},"messages":[{"id":1,"message":"the \"messages\": here"}],"y":"messages"}`
	finished := func(key string, success bool) string {
		r := fakes.Reply{Body: []byte(body), Success: success}
		finish(&fakes.Call{Settings: fakes.Settings{settingErrorKey: key}}, &r)
		return string(r.Body)
	}
	assert.Equal(t, `{"status":"messages","x":{"messages":1},"message":[{"id":1,"message":"the \"messages\": here"}],"y":"messages"}`, finished("message", false))
	assert.Equal(t, body, finished("message", true))
	assert.Equal(t, body, finished("messages", false))
	assert.Equal(t, body, finished("", false))
}

func TestRenameKeyLeavesOtherBodiesAlone(t *testing.T) {
	for _, body := range []string{``, `[]`, `"messages"`, `{}`, `{"a":{"messages":1}}`, `{"messages`, `{"a":`, `nonsense`} {
		assert.Equal(t, body, string(renameKey([]byte(body), "messages", "message")))
	}
	assert.Equal(t, `{ "message" : 1}`, string(renameKey([]byte(`{ "messages" : 1}`), "messages", "message")))
}
