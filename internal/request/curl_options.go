package request

import (
	"sort"
	"strings"
)

// kind says whether an option takes a value.
type kind int

const (
	flag kind = iota
	valued
)

// longOption looks an option up by its long name without dashes.
func longOption(name string) (kind, bool) {
	if strings.Contains(" "+valuedOptions+" ", " "+name+" ") {
		return valued, true
	}
	if strings.Contains(" "+flagOptions+" ", " "+strings.TrimPrefix(name, "no-")+" ") {
		return flag, true
	}
	return flag, false
}

func longNames() []string {
	names := append(strings.Fields(valuedOptions), strings.Fields(flagOptions)...)
	sort.Strings(names)
	return names
}

// shortOption returns the long name of a one-letter option.
func shortOption(c byte) (string, bool) {
	for _, pair := range strings.Fields(shortOptions) {
		if pair[0] == c {
			return pair[2:], true
		}
	}
	return "", false
}

// The options of curl that may stand in a line about one HTTP request. Those that set does
// not know change how curl connects or what it prints, not what it sends.
const (
	valuedOptions = "request url header data data-ascii data-binary data-raw data-urlencode json form form-string " +
		"user oauth2-bearer user-agent referer cookie range config upload-file continue-at " +
		"abstract-unix-socket cacert capath cert cert-type ciphers connect-timeout connect-to cookie-jar " +
		"dns-servers doh-url dump-header expect100-timeout hostpubmd5 interface ipfs-gateway keepalive-time key key-type " +
		"limit-rate local-port max-filesize max-redirs max-time netrc-file noproxy output output-dir pass pinnedpubkey " +
		"preproxy proto proto-default proto-redir proxy proxy-header proxy-user proxy1.0 rate request-target resolve " +
		"retry retry-delay retry-max-time socks4 socks4a socks5 socks5-hostname speed-limit speed-time stderr " +
		"time-cond tls-max trace trace-ascii trace-config unix-socket url-query variable write-out"
	flagOptions = "next get head append anyauth basic digest ntlm negotiate buffer cert-status compressed compressed-ssh " +
		"create-dirs crlf crlfile disable disallow-username-in-url fail fail-early fail-with-body false-start form-escape globoff " +
		"haproxy-protocol http0.9 http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ignore-content-length include " +
		"insecure ipv4 ipv6 junk-session-cookies keepalive list-only location location-trusted manual netrc netrc-optional " +
		"parallel parallel-immediate path-as-is post301 post302 post303 progress-bar progress-meter proxytunnel " +
		"raw remote-header-name remote-name remote-name-all remote-time remove-on-error retry-all-errors retry-connrefused " +
		"sessionid show-error show-headers silent skip-existing ssl ssl-no-revoke ssl-reqd sslv2 sslv3 styled-output " +
		"suppress-connect-headers tcp-fastopen tcp-nodelay tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace-ids " +
		"trace-time use-ascii verbose version xattr"
	shortOptions = "X=request H=header d=data F=form G=get I=head u=user A=user-agent e=referer b=cookie r=range " +
		"K=config T=upload-file s=silent S=show-error L=location k=insecure v=verbose i=include f=fail g=globoff " +
		"N=no-buffer #=progress-bar o=output O=remote-name w=write-out m=max-time x=proxy U=proxy-user E=cert c=cookie-jar " +
		"D=dump-header C=continue-at y=speed-time Y=speed-limit z=time-cond 0=http1.0 1=tlsv1 2=sslv2 3=sslv3 4=ipv4 6=ipv6 " +
		"a=append B=use-ascii j=junk-session-cookies J=remote-header-name l=list-only M=manual n=netrc p=proxytunnel " +
		":=next q=disable R=remote-time V=version Z=parallel"
)
