package contract

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// Unread says, in sentences, what of a request's body the API does not read as parameters,
// why, and what to do about it; nothing where there is no body, all of it is read, or the
// operation takes JSON. operation is "" where the request names none. No text of the
// request stands in it but the media type of its body.
func (d *Document) Unread(operation, method string, header http.Header, body []byte) []string {
	op := d.Operation(operation)
	if len(body) == 0 || op != nil && op.JSONBody != nil {
		return nil
	}
	if d.Form(method, body) == nil {
		return []string{"The vendor reads no parameters in the body of a request with this method: " + d.instead(op) + "."}
	}
	sent := header.Values("Content-Type")
	contentType := header.Get("Content-Type")
	switch form, boundary := formOf(contentType); {
	case form == urlencoded:
		return nil
	case form == multipartForm && boundary != "":
		return unreadParts(op, boundary, body)
	}
	note := unreadType(contentType, len(sent) > 0)
	if len(sent) > 1 {
		note += " Of several Content-Types the first counts."
	}
	return []string{note}
}

// instead says where parameters go whose method has no form.
func (d *Document) instead(op *Operation) string {
	switch {
	case op != nil && !contains(op.Methods, http.MethodPost):
		return "put them into the URL"
	case d.Anywhere:
		return "send it with POST, or put them into the URL"
	}
	return "send it with POST"
}

// unreadType says why no form is read in a body of the type.
func unreadType(contentType string, sent bool) string {
	const remedy = ": send it as " + urlencoded + " or " + multipartForm + "."
	mt, _, err := mime.ParseMediaType(contentType)
	switch {
	case !sent:
		return "The body has no Content-Type, without which the vendor does not read it as parameters" + remedy
	case contentType == "":
		return "The body has an empty Content-Type, with which the vendor does not read it as parameters" + remedy
	case err != nil && strings.Count(contentType, "boundary=") > 1:
		return "The Content-Type of the body has more than one boundary, with which the vendor does not read it as parameters: let the client write the header."
	case err != nil:
		return "The Content-Type of the body is none, with which the vendor does not read it as parameters" + remedy
	case mt == multipartForm:
		return "The body is " + multipartForm + " without a boundary in its Content-Type, so that the vendor cannot tell its parts: let the client write the header."
	case len(mt) > 100:
		mt = mt[:100] + "…"
	}
	return "The body is " + mt + ", which the vendor does not read as parameters" + remedy
}

// unreadParts says which parts of a multipart body are not read as parameters.
func unreadParts(op *Operation, boundary string, body []byte) []string {
	r := multipart.NewReader(strings.NewReader(string(body)), boundary)
	var notes []string
	note := func(text string) {
		if !contains(notes, text) {
			notes = append(notes, text)
		}
	}
	for n := 0; ; n++ {
		part, err := r.NextRawPart()
		begins := func(rest string) bool { return n > 0 || strings.Contains(string(body), "--"+boundary+rest) }
		switch {
		case errors.Is(err, io.EOF) && begins("--"): // the end, be it of a form without parts
			return notes
		case errors.Is(err, io.EOF), err != nil && !begins(""):
			return []string{"The body has no part that begins with the boundary of its Content-Type, so that the vendor reads no parameters in it: let the client write the header."}
		case err != nil:
			note("The body is cut short, or broken between its parts: the vendor does not read the rest of it.")
			return notes
		}
		name := part.FormName()
		switch {
		case name == "":
			note("A part of the body has no Content-Disposition of form-data with a name, so that the vendor does not take it for a parameter.")
		case part.FileName() == "":
		case op == nil:
			note("A part of the body has a file name, so that the vendor takes it for a file, not for a parameter: send it without one.")
		case op.Param(name) != nil:
			note("The part " + name + " of the body has a file name, so that the vendor takes it for a file, not for a parameter: send it without one.")
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return notes // cut short within a part, whose beginning is read
		}
	}
}
