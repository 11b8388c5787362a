package fakes

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// inPlan says which parameter goes into which field of a handler's input.
type inPlan struct {
	typ    reflect.Type
	fields []inField
	err    error
}

type inField struct {
	index   int
	name    string
	kind    reflect.Kind // of the value, behind the pointer when there is one
	pointer bool
}

func planOf[In any]() *inPlan {
	p := &inPlan{typ: reflect.TypeFor[In]()}
	if p.typ.Kind() != reflect.Struct {
		p.err = fmt.Errorf("input %s is no struct", p.typ)
		return p
	}
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		name, ok := f.Tag.Lookup("param")
		if !ok || !f.IsExported() {
			p.err = fmt.Errorf("field %s.%s wants a param tag and a capital", p.typ, f.Name)
			return p
		}
		t, pointer := f.Type, false
		if t.Kind() == reflect.Pointer {
			t, pointer = t.Elem(), true
		}
		switch t.Kind() {
		case reflect.String, reflect.Int, reflect.Int64, reflect.Float64:
		default:
			p.err = fmt.Errorf("field %s.%s: %s is not a type for parameters", p.typ, f.Name, f.Type)
			return p
		}
		p.fields = append(p.fields, inField{i, name, t.Kind(), pointer})
	}
	return p
}

// mount holds the plan to the operation: every field is a declared parameter, and a
// number can only be asked for where the host refuses what is none.
func (p *inPlan) mount(op *contract.Operation, collects bool) error {
	if p.err != nil {
		return fmt.Errorf("%s: %w", op.ID, p.err)
	}
	for _, f := range p.fields {
		param := op.Param(f.name)
		if param == nil {
			return fmt.Errorf("%s: the handler reads %q, which the contract does not declare", op.ID, f.name)
		}
		if f.kind == reflect.String {
			continue
		}
		if collects {
			return fmt.Errorf("%s: the handler reads %q as %s, but where errors are collected it must check the text itself", op.ID, f.name, f.kind)
		}
		if t := param.Schema.Type; t != "integer" && t != "number" || (t == "number" && f.kind != reflect.Float64) {
			return fmt.Errorf("%s: the handler reads %q as %s, the contract says %q", op.ID, f.name, f.kind, t)
		}
		if param.Invalid == "" {
			return fmt.Errorf("%s: the handler reads %q as a number, so the contract must name an x-invalid for it", op.ID, f.name)
		}
	}
	return nil
}

// fill sets the fields of the struct that in points to. The contract has checked the values.
func (p *inPlan) fill(c *Call, in any) {
	v := reflect.ValueOf(in).Elem()
	for _, f := range p.fields {
		param := c.Op.Param(f.name)
		text, ok := param.Find(c.Values)
		if f.kind != reflect.String && text == "" {
			ok = false
		}
		if !ok && param.Schema.Default != nil {
			text, ok = fmt.Sprint(param.Schema.Default), true
		}
		if !ok {
			continue
		}
		field := v.Field(f.index)
		if f.pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		switch f.kind {
		case reflect.String:
			field.SetString(text)
		case reflect.Float64:
			n, _ := strconv.ParseFloat(text, 64) // the contract has checked it
			field.SetFloat(n)
		default:
			n, _ := strconv.ParseInt(text, 10, 64) // the contract has checked it
			field.SetInt(n)
		}
	}
}
